import { assert, test } from 'vitest';
import type { Device } from '../../../bus/device.js';
import { DebugPort } from '../debug-port/debug-port.js';
import { DmaPair } from '../dma8237/dma-pair.js';
import { Fdc82077 } from '../fdc82077/fdc82077.js';
import { FloppyDrive } from '../fdc82077/floppy-drive.js';
import { I8042 } from '../i8042/i8042.js';
import { Mc146818 } from '../mc146818/mc146818.js';
import { PicPair } from '../pic8259/pic-pair.js';
import { Pit8254 } from '../pit8254/pit8254.js';
import { Port61 } from '../port61/port61.js';
import { Uart16550 } from '../uart16550/uart16550.js';
import { VmMouse } from '../vmmouse/vmmouse.js';
import { ManualClock } from './manual-clock.js';
import { immediateCompletions, MemoryDisk, settle } from './memory-disk.js';
import { PlainMemory } from './plain-memory.js';
import { RecordingLine } from './recording-line.js';

/** A board of all ISA devices and a way to hand each the state of another board's. */
function board() {
  const clock = new ManualClock();
  const pics = new PicPair(new RecordingLine());
  const dma = new DmaPair(new PlainMemory(0x2_0000));
  const pit = new Pit8254({ clock, irq: pics.line(0) });
  const i8042 = new I8042({ clock, keyboardIrq: pics.line(1), mouseIrq: pics.line(12), a20: new RecordingLine(), resetCpu: () => {} });
  const drives = [new FloppyDrive(new MemoryDisk(2880)), new FloppyDrive()];
  const fdc = new Fdc82077({ clock, irq: pics.line(6), dma: dma.channel(2), completions: immediateCompletions, drives });
  const uart = new Uart16550('com1', { base: 0x3f8, clock, irq: pics.line(4) });
  const rtc = new Mc146818({ clock, irq: pics.line(8), startDateMs: 0 });
  const vmMouse = new VmMouse({ announce: () => i8042.mouse.nudge() });
  const small = [new Port61({ clock, timer: pit }), new DebugPort({})];
  const devices: Device<unknown>[] = [pics.first, pics.second, dma, pit, i8042, fdc, uart, rtc, vmMouse, ...small];
  return { clock, pics, i8042, uart, vmMouse, devices };
}

/** Numbers below `bound` from a seed (Numerical Recipes' generator). */
function random(seed: number) {
  let state = seed >>> 0;
  return (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * bound);
  };
}

/** Any access to any register, with input from outside in between. */
function disturb({ clock, pics, i8042, uart, vmMouse, devices }: ReturnType<typeof board>, next: (bound: number) => number): void {
  const device = devices[next(devices.length)]!;
  const range = device.ports[next(device.ports.length)]!;
  const offset = next(range.length);
  const actions = [
    () => device.writePort(range, offset, 1, next(256)),
    () => device.writePort(range, offset, 1, next(256)),
    () => assert.isTrue(Number.isInteger(device.readPort(range, offset, 1))),
    () => clock.advance(next(200_000)),
    () => pics.acknowledge(),
    () => i8042.keyboard.pressKey(next(256)),
    () => i8042.keyboard.releaseKey(next(256)),
    () => i8042.mouse.move(next(2000) - 1000, next(2000) - 1000, next(9) - 4, next(32)),
    () => uart.receive(Uint8Array.of(next(256))),
    () => vmMouse.move(next(0x1_0000), 5, 0, next(8)),
    () => vmMouse.execute({ eax: 0x564d5868, ebx: [0x45414552, 0x53424152, next(6)][next(3)]!, ecx: 39 + next(3), edx: 0x5658 }),
  ];
  actions[next(actions.length)]!();
}

test.each([1, 2, 3, 4])('a guest that writes anything anywhere gets answers, never an exception (seed %i)', async (seed) => {
  const machine = board();
  const next = random(seed);
  for (let i = 0; i < 40_000; i++) {
    disturb(machine, next);
    if (i % 500 === 0) await settle();
  }
});

test.each([5, 6])('every device restored in mid-confusion saves the same state again (seed %i)', async (seed) => {
  const machine = board();
  const next = random(seed);
  for (let i = 0; i < 20_000; i++) disturb(machine, next);
  await settle();
  const copy = board();
  copy.clock.advance(machine.clock.now());
  const saved = machine.devices.map((device) => structuredClone(device.save()));
  // The interrupt controllers last: the others' lines must not look like edges.
  for (const i of [...machine.devices.keys()].reverse()) copy.devices[i]!.restore(saved[i]);
  assert.deepEqual(
    copy.devices.map((device) => device.save()),
    saved,
  );
});
