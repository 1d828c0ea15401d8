import { assert, test } from 'vitest';
import { VmMouse } from './vmmouse.js';

const MAGIC = 0x564d5868;

function board() {
  const seen = { announced: 0, modes: [] as boolean[] };
  const mouse = new VmMouse({ announce: () => seen.announced++, absoluteChanged: (absolute) => seen.modes.push(absolute) });
  return { seen, mouse, call: caller(mouse) };
}

/** EAX to EDX after a backdoor call. */
const caller =
  (mouse: VmMouse) =>
  (command: number, ebx = 0): number[] => {
    const registers = { eax: MAGIC, ebx, ecx: command, edx: 0x5658 };
    mouse.execute(registers);
    return [registers.eax >>> 0, registers.ebx >>> 0, registers.ecx >>> 0, registers.edx >>> 0];
  };

/** What the guest's driver does to switch absolute mode on. */
function enable(call: ReturnType<typeof caller>): void {
  call(41, 0x45414552);
  assert.equal(call(40)[0], 1);
  assert.equal(call(39, 1)[0], 0x3442554a);
  call(41, 0x53424152);
}

test('version answers the magic; another magic is no call; unknown commands give all ones', () => {
  const { mouse, call } = board();
  assert.deepEqual(call(10).slice(0, 2), [6, MAGIC]);
  const registers = { eax: 0x12345678, ebx: 1, ecx: 10, edx: 0x5658 };
  assert.isFalse(mouse.execute(registers));
  assert.equal(registers.eax, 0x12345678);
  assert.equal(call(99)[0], 0xffffffff);
});

test('after the driver’s handshake a movement is announced and read as buttons, x, y, wheel', () => {
  const { seen, mouse, call } = board();
  enable(call);
  assert.isTrue(mouse.absoluteEnabled);
  assert.deepEqual(seen.modes, [true]);
  mouse.move(0x1234, 0xffff, -1, 0x05);
  assert.equal(seen.announced, 1);
  assert.equal(call(40)[0], 4);
  assert.deepEqual(call(39, 4), [0x28, 0x1234, 0xffff, 0xffffffff]);
  assert.equal(call(40)[0], 0);
});

test('before it, nothing is queued and the status is an error', () => {
  const { seen, mouse, call } = board();
  mouse.move(1, 1, 0, 0);
  assert.equal(call(40)[0], 0xffff0000);
  assert.equal(seen.announced, 0);
});

test('movements with the same buttons fold into the newest, clicks stay; the wheel adds up', () => {
  const { mouse, call } = board();
  enable(call);
  for (let i = 0; i < 100; i++) mouse.move(i, i, 1, 0);
  mouse.move(100, 100, 0, 1);
  mouse.move(100, 100, 0, 0);
  assert.equal(call(40)[0], 16);
  assert.deepEqual(call(39, 4), [0, 0, 0, 1]);
  assert.deepEqual(call(39, 4), [0, 99, 99, 99]);
  assert.deepEqual(call(39, 4), [0x20, 100, 100, 0]);
  assert.deepEqual(call(39, 4), [0, 100, 100, 0]);
});

test('a guest that never reads holds a bounded queue, whose last packet has the last buttons', () => {
  const { mouse, call } = board();
  enable(call);
  for (let i = 0; i < 1000; i++) mouse.move(i, 0, 0, i & 1);
  assert.equal(call(40)[0], 128);
  const packets = Array.from({ length: 32 }, () => call(39, 4));
  assert.deepEqual(packets.at(-1), [0x20, 999, 0, 0]);
});

test('a guest that never reads the version id holds a bounded queue too', () => {
  const { mouse, call } = board();
  call(41, 0x45414552);
  call(41, 0x53424152);
  for (let i = 0; i < 1000; i++) mouse.move(i, 0, 0, i & 1);
  assert.isAtMost(call(40)[0]!, 132);
});

test('asking for more words than there are switches the pointer off, as disable and relative do', () => {
  const { mouse, call } = board();
  enable(call);
  assert.equal(call(39, 4)[0], 0xffff0000);
  assert.isFalse(mouse.absoluteEnabled);
  enable(call);
  call(41, 0x4c455252);
  assert.isFalse(mouse.absoluteEnabled);
  call(41, 0x53424152);
  assert.isTrue(mouse.absoluteEnabled);
  call(41, 0xf5);
  assert.isFalse(mouse.absoluteEnabled);
});

test('reset switches it off; a restored pointer has mode and queue of the saved one', () => {
  const { mouse, call } = board();
  enable(call);
  mouse.move(7, 8, 0, 0);
  const saved = structuredClone(mouse.save());
  mouse.reset();
  assert.isFalse(mouse.absoluteEnabled);
  mouse.restore(saved);
  assert.isTrue(mouse.absoluteEnabled);
  assert.deepEqual(call(39, 4), [0, 7, 8, 0]);
});
