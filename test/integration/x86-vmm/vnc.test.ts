import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { assert, describe, test } from 'vitest';
import { until } from '../../support/product.js';
import { STAY } from './support/boot-programs.js';
import { booting, opened, refusal, start, workshop } from './support/workbench.js';

describe('--vnc', () => {
  /** A display number whose port is free. */
  async function display(): Promise<number> {
    for (;;) {
      const number = 100 + Math.floor(Math.random() * 800);
      const server = createServer();
      const free = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(5900 + number, '127.0.0.1', () => resolve(true));
      });
      await new Promise((resolve) => server.close(resolve));
      if (free) return number;
    }
  }

  /** The handshake of RFC 6143 §7.1: version and the security types that are offered. */
  async function offered(number: number): Promise<{ version: string; types: number[]; socket: Socket }> {
    const socket = await until('the VNC port', () => opened({ host: '127.0.0.1', port: 5900 + number }), 30_000);
    let bytes = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
    });
    await until('the version', () => bytes.length >= 12 || undefined);
    const version = bytes.toString('latin1', 0, 12);
    socket.write('RFB 003.008\n');
    await until('the security types', () => (bytes.length > 12 && bytes.length >= 13 + bytes[12]!) || undefined);
    return { version, types: [...bytes.subarray(13, 13 + bytes[12]!)], socket };
  }

  test('on loopback without a password; with a password file only for who knows it', async () => {
    const open = await display();
    start(booting(STAY, '--vnc', `127.0.0.1:${open}`, '--timeout', '60'));
    const free = await offered(open);
    assert.deepEqual([free.version, free.types], ['RFB 003.008\n', [1]]);
    // None chosen, shared: SecurityResult 0, then ServerInit with the size of the text screen.
    let bytes = Buffer.alloc(0);
    free.socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
    });
    free.socket.write(Uint8Array.of(1, 1));
    await until('ServerInit', () => bytes.length >= 28 || undefined);
    assert.equal(bytes.readUInt32BE(0), 0);
    assert.deepEqual(bytes.toString('latin1', 28, 38), 'Millwright');
    free.socket.destroy();

    writeFileSync(workshop.path('password'), 'secret\n');
    const closed = await display();
    start(booting(STAY, '--vnc', `127.0.0.1:${closed}`, '--vnc-password-file', workshop.path('password'), '--timeout', '60'));
    const guarded = await offered(closed);
    assert.deepEqual(guarded.types, [2], 'VNC authentication and nothing else');
    guarded.socket.destroy();
  });

  test('beyond loopback only with a password file', async () => {
    for (const address of ['0.0.0.0:901', '[::]:901', '192.0.2.1:901']) {
      assert.deepEqual(await refusal(...booting(STAY, '--vnc', address)), {
        status: 2,
        line: `x86-vmm: --vnc ${address}: beyond loopback a --vnc-password-file is required`,
      });
    }
    writeFileSync(workshop.path('empty'), '\n');
    const given = (file: string) => refusal(...booting(STAY, '--vnc', '127.0.0.1:901', '--vnc-password-file', workshop.path(file)));
    for (const [file, why] of [
      ['empty', /--vnc-password-file .*empty: is empty/],
      ['absent', /--vnc-password-file .*absent: there is no such file/],
    ] as const) {
      const { status, line } = await given(file);
      assert.equal(status, 4);
      assert.match(line, why);
    }
    assert.equal((await refusal(...booting(STAY, '--vnc', 'localhost'))).status, 2);
  });

  test('a display that is in use is named with the mend', async () => {
    const server = createServer();
    const number = await display();
    await new Promise<void>((resolve) => server.listen(5900 + number, '127.0.0.1', resolve));
    try {
      assert.deepEqual(await refusal(...booting(STAY, '--vnc', `127.0.0.1:${number}`)), {
        status: 2,
        line: `x86-vmm: --vnc 127.0.0.1:${number}: port ${5900 + number} is in use; give another display`,
      });
    } finally {
      server.close();
    }
  });
});
