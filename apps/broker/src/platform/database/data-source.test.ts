import { type AddressInfo, createServer } from 'node:net';
import { assert, test } from 'vitest';
import { openDatabase } from './data-source.js';

const refusal = (url: string): Promise<string> =>
  openDatabase(url).then(
    () => 'connected',
    (error: Error) => error.message,
  );

test.each(['127.0.0.1', 'localhost'])(
  'a database that cannot be reached at %s is named, with the mend, without its password',
  async (name) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const line = await refusal(`postgres://mill:s3cret@${name}:${port}/plant?password=s3cret`);
    assert.match(line, new RegExp(`^DATABASE_URL postgres://mill@${name}:${port}/plant cannot be used \\(connect ECONNREFUSED [^)]+\\): `));
    assert.match(line, /: start PostgreSQL there, or correct DATABASE_URL\.$/);
    assert.notInclude(line, 's3cret');
  },
);

test('what is no URL is not repeated', async () => {
  assert.match(await refusal('postgres://mill:s3cret@[::x/plant'), /^DATABASE_URL \(not a URL\) cannot be used \((?!.*s3cret).*\): /);
});
