import { existsSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { assert, describe, test } from 'vitest';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/product.js';
import { ECHO, STAY } from './support/boot-programs.js';
import { booting, opened, refusal, start, workshop } from './support/workbench.js';

describe('COM1', () => {
  const talk = (socket: Socket): { heard: string } => {
    const conversation = { heard: '' };
    socket.on('data', (piece: Buffer) => {
      conversation.heard += piece.toString('latin1');
    });
    socket.on('error', () => {});
    return conversation;
  };

  test('--serial stdio joins the terminal', async () => {
    const vmm = start(booting(ECHO, '--exit-on', 'IBM', '--timeout', '60'));
    await until('the prompt', () => vmm.out.includes('>') || undefined, 30_000);
    vmm.type('HAL');
    assert.equal(await vmm.status, 0);
    assert.equal(vmm.out, '>IBM');
  });

  test('--serial tcp: and unix: listen', async () => {
    const port = await freePort();
    const path = workshop.path('com1.sock');
    for (const [target, address] of [
      [`tcp:127.0.0.1:${port}`, { host: '127.0.0.1', port }],
      [`unix:${path}`, { path }],
    ] as const) {
      const vmm = start(booting(ECHO, '--serial', target, '--exit-on', 'IBM', '--timeout', '60'));
      const socket = await until('the socket', () => opened(address), 30_000);
      const conversation = talk(socket);
      // The guest hears nothing before it has set up its UART.
      const asking = setInterval(() => socket.write('HAL'), 300);
      assert.equal(await vmm.status, 0, vmm.err);
      clearInterval(asking);
      assert.include(conversation.heard, 'IBM');
      assert.equal(vmm.out, '', 'COM1 is at the socket alone');
      socket.destroy();
    }
    assert.isFalse(existsSync(path), 'the socket file is removed');
  });

  test('--serial refuses what it cannot be', async () => {
    for (const target of ['tcp:0.0.0.0:4000', 'tcp:127.0.0.1', 'unix:', 'pty']) {
      assert.deepEqual(await refusal(...booting(STAY, '--serial', target)), {
        status: 2,
        line: `x86-vmm: --serial ${target}: give stdio, none, tcp:127.0.0.1:PORT or unix:PATH`,
      });
    }
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { status, line } = await refusal(...booting(STAY, '--serial', `tcp:127.0.0.1:${port}`));
    assert.equal(status, 2);
    assert.match(line, new RegExp(`^x86-vmm: --serial tcp:127\\.0\\.0\\.1:${port}: .*in use`));
    server.close();
  });
});
