import { assert, test } from 'vitest';
import type { AccessSize } from '../../../bus/device.js';
import { AtaDisk } from './ata-disk.js';
import { AtapiCdrom } from './atapi-cdrom.js';
import { IdeChannel } from './ide-channel.js';

/** xorshift32: the same sequence for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Commands that transfer, so that random registers mostly do something. */
const COMMANDS = [
  0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x40, 0x90, 0x91, 0xa0, 0xa0, 0xa0, 0xa1, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0xe7, 0xec, 0xef, 0xf8,
];
const PACKETS = [0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x2b, 0x42, 0x43, 0x46, 0x4a, 0x51, 0x5a, 0xa8, 0xbd, 0xbe];

test('a guest that writes anything to a channel reaches only sectors of its media and stays within its buffers', async () => {
  const next = random(0x0bad_cafe);
  const sectors = 3000;
  const media = {
    sectors,
    readOnly: false,
    check(sector: number, bytes: Uint8Array): void {
      assert.isTrue(sector >= 0 && bytes.length > 0 && bytes.length % 512 === 0 && sector + bytes.length / 512 <= sectors);
    },
    async read(sector: number, into: Uint8Array) {
      this.check(sector, into);
      if (next(10) === 0) throw new Error('bad sector');
    },
    async write(sector: number, from: Uint8Array) {
      this.check(sector, from);
    },
    async flush() {},
  };
  const held: { work: Promise<void>; done: (failure?: unknown) => void }[] = [];
  const completions = { deliver: (work: Promise<void>, done: (failure?: unknown) => void) => void held.push({ work, done }) };
  const channel = new IdeChannel({
    name: 'ide0',
    commandBase: 0x1f0,
    controlPort: 0x3f6,
    irq: { set: () => {} },
    memory: { read: (_at, into) => into.fill(next(256)), write: () => {} },
    drives: [new AtaDisk({ backend: media, completions, serial: 'A' }), new AtapiCdrom({ completions, serial: 'B' }, media)],
  });
  channel.placeBusMaster(0xc000);
  const [command, control, busMaster] = channel.ports;
  const sizes: readonly AccessSize[] = [1, 2, 4];
  const bytes = new Uint8Array(0x2_0000);
  for (let round = 0; round < 20_000; round++) {
    const size = sizes[next(3)]!;
    const what = next(12);
    if (what < 3) channel.writePort(command!, 1 + next(6), 1, next(4) === 0 ? next(256) : next(3));
    else if (what === 3) channel.writePort(command!, 7, 1, next(8) === 0 ? next(256) : COMMANDS[next(COMMANDS.length)]!);
    else if (what === 4) channel.writePort(busMaster!, next(8), 1, next(256));
    else if (what === 5) channel.writePort(control!, 0, 1, next(20) === 0 ? 0x04 : next(2) << 1);
    else if (what === 6) channel.readPort(command!, next(8), size);
    else if (what === 7) channel.writePort(command!, 0, size, next(0xffff_ffff));
    else if (what === 8) channel.readString(0x1f0, size, bytes.subarray(0, next(bytes.length)));
    else if (what === 9) {
      bytes[0] = PACKETS[next(PACKETS.length)]!;
      for (let i = 1; i < 12; i++) bytes[i] = next(3) === 0 ? next(256) : 0;
      channel.writeString(0x1f0, size, bytes.subarray(0, next(2) === 0 ? 12 : next(bytes.length)));
    } else if (what === 10) {
      for (let request = held.shift(); request; request = held.shift()) {
        const failure = await request.work.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (failure instanceof Error && failure.message !== 'bad sector') throw failure;
        request.done(failure);
      }
    } else channel.writePort(command!, 6, 1, next(2) === 0 ? 0xe0 : 0xf0);
    if (held.length === 0 && round % 50 === 0) channel.restore(structuredClone(channel.save()));
  }
});
