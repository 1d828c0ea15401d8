import { assert, test } from 'vitest';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { I8042 } from './i8042.js';

const DATA = 0;
const COMMAND = 1;

function board() {
  const clock = new ManualClock();
  const keyboardIrq = new RecordingLine();
  const mouseIrq = new RecordingLine();
  const a20 = new RecordingLine();
  const resets = { count: 0 };
  const chip = new I8042({ clock, keyboardIrq, mouseIrq, a20, resetCpu: () => resets.count++ });
  return { clock, keyboardIrq, mouseIrq, a20, resets, chip, ...access(chip, clock) };
}

const access = (chip: I8042, clock: ManualClock) => {
  const status = (): number => chip.readPort(chip.ports[COMMAND]!, 0, 1);
  const data = (): number => chip.readPort(chip.ports[DATA]!, 0, 1);
  const write = (port: number, value: number): void => chip.writePort(chip.ports[port]!, 0, 1, value);
  /** Everything that arrives within a fifth of a second. */
  const drain = (): number[] => {
    const bytes: number[] = [];
    for (let i = 0; i < 200; i++) {
      clock.advance(1_000_000);
      while (status() & 1) bytes.push(data());
    }
    return bytes;
  };
  return {
    status,
    data,
    write,
    drain,
    /** A command for the controller, with data; what comes back at once. */
    command: (value: number, ...parameters: number[]): number | undefined => {
      write(COMMAND, value);
      for (const parameter of parameters) write(DATA, parameter);
      return status() & 1 ? data() : undefined;
    },
    keyboard: (...bytes: number[]): number[] => {
      const replies: number[] = [];
      for (const byte of bytes) {
        write(DATA, byte);
        replies.push(...drain());
      }
      return replies;
    },
    mouse: (...bytes: number[]): number[] => {
      const replies: number[] = [];
      for (const byte of bytes) {
        write(COMMAND, 0xd4);
        write(DATA, byte);
        replies.push(...drain());
      }
      return replies;
    },
  };
};

test('self-test answers 55 and sets the system flag; interface tests answer 00', () => {
  const { command, status } = board();
  assert.equal(status() & 0x04, 0);
  assert.equal(command(0xaa), 0x55);
  assert.equal(status() & 0x04, 0x04);
  assert.equal(command(0xab), 0x00);
  assert.equal(command(0xa9), 0x00);
});

test('the command byte reads back, and disable and enable commands change its bits', () => {
  const { command } = board();
  command(0x60, 0x47);
  command(0xa7);
  command(0xad);
  assert.equal(command(0x20), 0x77);
  command(0xa8);
  command(0xae);
  assert.equal(command(0x20), 0x47);
});

test('a key press reaches 0x60 in set 1 with IRQ 1, the release with bit 7', () => {
  const { chip, clock, data, status, keyboardIrq } = board();
  chip.keyboard.pressKey(0x04);
  assert.isFalse(keyboardIrq.level);
  clock.advance(300_000);
  assert.isTrue(keyboardIrq.level);
  assert.equal(status() & 0x21, 0x01);
  assert.equal(data(), 0x1e);
  assert.isFalse(keyboardIrq.level);
  chip.keyboard.releaseKey(0x04);
  clock.advance(600_000);
  assert.equal(data(), 0x9e);
});

test('a byte in the output buffer stays until it is read, and a second read gives it again', () => {
  const { chip, clock, data, keyboardIrq } = board();
  chip.keyboard.pressKey(0x04);
  chip.keyboard.pressKey(0x05);
  clock.advance(10_000_000);
  assert.equal(data(), 0x1e);
  assert.equal(data(), 0x1e);
  clock.advance(300_000);
  assert.equal(keyboardIrq.rises, 2);
  assert.equal(data(), 0x30);
});

test('without translation set 2 passes as it is', () => {
  const { chip, command, drain } = board();
  command(0x60, 0x01);
  chip.keyboard.pressKey(0x4f);
  chip.keyboard.releaseKey(0x4f);
  assert.deepEqual(drain(), [0xe0, 0x74, 0xe0, 0xf0, 0x74]);
});

test('a switched-off keyboard interface holds its bytes, and writing to the keyboard switches it on', () => {
  const { chip, command, drain, keyboard } = board();
  command(0xad);
  chip.keyboard.pressKey(0x04);
  assert.deepEqual(drain(), []);
  assert.deepEqual(keyboard(0xee), [0xee, 0x1e]);
});

test('identify answers AB 41 through translation, AB 83 without', () => {
  const { command, keyboard } = board();
  assert.deepEqual(keyboard(0xf2), [0xfa, 0xab, 0x41]);
  command(0x60, 0x01);
  assert.deepEqual(keyboard(0xf2), [0xfa, 0xab, 0x83]);
});

test('the mouse answers with the auxiliary flag and IRQ 12', () => {
  const { clock, status, write, mouseIrq, data } = board();
  write(COMMAND, 0xd4);
  write(DATA, 0xf2);
  clock.advance(300_000);
  assert.isTrue(mouseIrq.level);
  assert.equal(status() & 0x21, 0x21);
  assert.equal(data(), 0xfa);
});

test('D3 puts a byte into the output buffer as if the mouse had sent it, D2 as if the keyboard had', () => {
  const { write, status, data, mouseIrq, keyboardIrq } = board();
  write(COMMAND, 0xd3);
  write(DATA, 0x5a);
  assert.equal(status() & 0x21, 0x21);
  assert.isTrue(mouseIrq.level);
  assert.equal(data(), 0x5a);
  write(COMMAND, 0xd2);
  write(DATA, 0xa5);
  assert.equal(status() & 0x21, 0x01);
  assert.isTrue(keyboardIrq.level);
  assert.equal(data(), 0xa5);
});

test('the output port drives A20, and a low bit 0 resets the CPU', () => {
  const { command, a20, resets } = board();
  command(0xd1, 0x03);
  assert.isTrue(a20.level);
  assert.equal(command(0xd0)! & 0x03, 0x03);
  command(0xd1, 0x01);
  assert.isFalse(a20.level);
  command(0xdf);
  assert.isTrue(a20.level);
  assert.equal(resets.count, 0);
  command(0xd1, 0x02);
  assert.equal(resets.count, 1);
});

test('ports of the 8042 read back through C0, D0 and E0, other RAM through 2x and 6x, and there is no password', () => {
  const { command } = board();
  assert.equal(command(0xc0), 0xb0);
  assert.equal(command(0xd0), 0xc3);
  assert.equal(command(0xe0), 0x03);
  command(0x65, 0x5a);
  assert.equal(command(0x25), 0x5a);
  assert.equal(command(0xa4), 0xf1);
});

test('FE pulses the reset line, FF pulses nothing', () => {
  const { command, resets } = board();
  command(0xff);
  assert.equal(resets.count, 0);
  command(0xfe);
  assert.equal(resets.count, 1);
});

test('reset: LEDs of the keyboard go out, A20 is high, nothing waits', () => {
  const { chip, command, keyboard, status, a20 } = board();
  keyboard(0xed, 0x07);
  command(0xd1, 0x01);
  chip.keyboard.pressKey(0x04);
  chip.reset();
  assert.equal(chip.keyboard.leds, 0);
  assert.isTrue(a20.level);
  assert.equal(status(), 0x10);
});

test('a restored controller delivers what the saved one had on the way', () => {
  const { chip, clock, mouse } = board();
  mouse(0xf4);
  chip.keyboard.pressKey(0xe4);
  chip.mouse.move(3, 0, 0, 1);
  clock.advance(300_000);
  const keyboardIrq = new RecordingLine();
  const off = new RecordingLine();
  const copy = new I8042({ clock, keyboardIrq, mouseIrq: off, a20: off, resetCpu: () => {} });
  copy.restore(structuredClone(chip.save()));
  assert.isTrue(keyboardIrq.level);
  assert.deepEqual(access(copy, clock).drain(), [0xe0, 0x1d, 0x09, 0x03, 0x00]);
  copy.keyboard.releaseKey(0xe4);
  assert.deepEqual(access(copy, clock).drain(), [0xe0, 0x9d]);
});

test('mouse: unlock sequences give ids 0, 3 and 4', () => {
  const { mouse } = board();
  assert.deepEqual(mouse(0xf2), [0xfa, 0x00]);
  mouse(0xf3, 200, 0xf3, 100, 0xf3, 80);
  assert.deepEqual(mouse(0xf2), [0xfa, 0x03]);
  mouse(0xf3, 200, 0xf3, 200, 0xf3, 80);
  assert.deepEqual(mouse(0xf2), [0xfa, 0x04]);
  assert.deepEqual(mouse(0xff), [0xfa, 0xaa, 0x00]);
  assert.deepEqual(mouse(0xf2), [0xfa, 0x00]);
});

test('mouse: a packet has buttons, signs and the wheel; Explorer adds buttons 4 and 5', () => {
  const { chip, mouse, drain } = board();
  mouse(0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf4);
  chip.mouse.move(-2, 3, -1, 0x05);
  assert.deepEqual(drain(), [0x3d, 0xfe, 0xfd, 0xff]);
  mouse(0xf3, 200, 0xf3, 200, 0xf3, 80);
  chip.mouse.move(0, 0, 1, 0x18);
  assert.deepEqual(drain(), [0x08, 0x00, 0x00, 0x31]);
});

test('mouse: motion beyond nine bits comes in further packets, none of it lost', () => {
  const { chip, mouse, drain } = board();
  mouse(0xf4);
  chip.mouse.move(600, -300, 0, 0);
  assert.deepEqual(drain(), [0x08, 255, 255, 0x08, 255, 45, 0x08, 90, 0]);
});

test('mouse: motion adds up to one packet a sample, and a click within a sample is not lost', () => {
  const { chip, clock, mouse, drain } = board();
  mouse(0xf3, 10, 0xf4);
  chip.mouse.move(1, 0, 0, 0);
  clock.advance(1_000_000);
  chip.mouse.move(1, 0, 0, 0);
  chip.mouse.move(1, 0, 0, 0);
  chip.mouse.move(0, 0, 0, 1);
  chip.mouse.move(0, 0, 0, 0);
  assert.deepEqual([...drain(), ...drain()], [0x08, 1, 0, 0x08, 2, 0, 0x09, 0, 0, 0x08, 0, 0]);
});

test('mouse: nothing is reported before F4 and after F5', () => {
  const { chip, mouse, drain } = board();
  chip.mouse.move(5, 5, 0, 0);
  assert.deepEqual(drain(), []);
  mouse(0xf4);
  assert.isTrue(chip.mouse.isEnabled);
  mouse(0xf5);
  chip.mouse.move(5, 5, 0, 0);
  assert.deepEqual(drain(), []);
});

test('mouse: status, resolution, rate and scaling read back by E9; defaults by F6', () => {
  const { chip, mouse } = board();
  mouse(0xe8, 3, 0xf3, 40, 0xe7, 0xf4);
  chip.mouse.move(0, 0, 0, 0x01);
  const status = mouse(0xe9);
  assert.deepEqual(status.slice(-4), [0xfa, 0x34, 3, 40]);
  mouse(0xf6);
  assert.deepEqual(mouse(0xe9), [0xfa, 0x04, 2, 100]);
});

test('mouse: remote mode reports on EB only; wrap mode echoes all but EC and FF', () => {
  const { chip, mouse, drain } = board();
  mouse(0xf0);
  chip.mouse.move(4, 0, 0, 0);
  assert.deepEqual(drain(), []);
  assert.deepEqual(mouse(0xeb), [0xfa, 0x08, 4, 0]);
  assert.deepEqual(mouse(0xee, 0xf2, 0xec), [0xfa, 0xf2, 0xfa]);
});

test('mouse: scaling 2:1 follows the table of stream mode', () => {
  const { chip, mouse, drain } = board();
  mouse(0xe7, 0xf4);
  chip.mouse.move(3, 0, 0, 0);
  chip.mouse.move(0, 0, 0, 0);
  assert.deepEqual(drain(), [0x08, 3, 0]);
  chip.mouse.move(10, 0, 0, 0);
  assert.deepEqual(drain(), [0x08, 20, 0]);
});

test('mouse: a nudge is one packet without motion', () => {
  const { chip, mouse, drain } = board();
  mouse(0xf4);
  chip.mouse.nudge();
  assert.deepEqual(drain(), [0x08, 0, 0]);
});
