import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, assert, beforeAll, beforeEach, describe, test } from 'vitest';
import { assembleWithOurs } from './assemble.js';
import { buildImage } from './image.js';
import { line3RegisterMap } from './register-map.js';
import { line3Screen } from './screen-map.js';
import { QemuPanel, qemuMissing, sleep, until } from './support/qemu-panel.js';
import { ATTEMPTS, RtuMaster } from './support/rtu-master.js';

const missing = qemuMissing();
const { coils, discreteInputs, inputRegisters, holdingRegisters } = line3RegisterMap;
const register = (name: string): number => holdingRegisters.find((each) => each.name === name)!.address;
const SCRATCH = register('scratch');
const MIX_TIME = register('mixTime');

function crc(bytes: readonly number[]): number[] {
  let value = 0xffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0xa001 : value >> 1;
  }
  return [value & 0xff, value >> 8];
}

describe.skipIf(missing)(`Modbus in QEMU${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let panel: QemuPanel;

  beforeAll(async () => {
    panel = await QemuPanel.start(buildImage(fileURLToPath(new URL('../asm', import.meta.url)), assembleWithOurs));
    const { motorLamp } = line3Screen;
    await until(
      'the start screen',
      async () => (await panel.picture()).pixel(motorLamp),
      (colour) => colour === motorLamp.stopped,
    );
  }, 60_000);
  afterAll(() => panel?.stop());

  describe('through modbus-serial', () => {
    let master: RtuMaster;
    beforeAll(async () => {
      master = await RtuMaster.connect(panel.serialPort);
    });
    afterAll(() => master?.close());

    test('functions 1 and 2 read all bits', async () => {
      const automatic = coils.find(({ name }) => name === 'automatic')!.address;
      assert.deepEqual(
        await master.coils(0, coils.length),
        coils.map(({ address }) => address === automatic),
      );
      const set = ['automatic', 'pointerAbsolute'];
      assert.deepEqual(
        await master.discreteInputs(0, discreteInputs.length),
        discreteInputs.map(({ name }) => set.includes(name)),
      );
      assert.deepEqual(await master.discreteInputs(5, 3), [false, true, false]);
    });

    test('functions 3 and 4 read all registers', async () => {
      assert.deepEqual(
        await master.holdingRegisters(0, holdingRegisters.length),
        holdingRegisters.map(({ initial }) => initial),
      );
      const values = await master.inputRegisters(0, inputRegisters.length);
      assert.deepEqual(values.slice(0, 7), [262, 220, 0, 0, 0, 864, 417]);
    });

    test('function 5 starts and stops', async () => {
      await master.writeCoil(0, true);
      await until('the motor', () => master.discreteInput(0), Boolean);
      assert.deepEqual(await master.coils(0, 2), [true, false]);
      await until(
        'the speed',
        async () => (await master.inputRegisters(2, 1))[0]!,
        (rpm) => rpm > 50,
      );
      await master.writeCoil(1, true);
      await until(
        'the motor',
        () => master.discreteInput(0),
        (on) => !on,
      );
    });

    test('functions 6 and 16 write registers', async () => {
      await master.writeRegister(SCRATCH, 0xbeef);
      assert.deepEqual(await master.holdingRegisters(SCRATCH, 1), [0xbeef]);
      await master.writeRegisters(2, [200, 45]);
      assert.deepEqual(await master.holdingRegisters(2, 2), [200, 45]);
      await master.writeRegisters(2, [240, 30]);
    });

    test('function 15 writes coils', async () => {
      await master.writeCoil(2, false);
      await master.writeCoils(5, [true, false, false, true]);
      await until(
        'valve A and heater',
        () => master.discreteInputs(2, 4),
        ([a, b, drain, heater]) => a! && !b && !drain && heater!,
      );
      await master.writeCoils(5, [false, false, false, false]);
      await master.writeCoil(2, true);
    });

    test('an alarm comes, is acknowledged and goes', async () => {
      const limit = register('levelHighLimit');
      const levelSetpoint = register('levelSetpoint');
      const level = (): Promise<number> => master.inputRegisters(0, 1).then(([value]) => value!);
      const alarms = (): Promise<number[]> => master.inputRegisters(10, 2);
      assert.deepEqual(await alarms(), [0, 0]);
      await master.writeRegister(limit, 500);
      await master.writeCoil(2, false);
      await master.writeCoils(5, [true, true]); // both dosing valves: 1.8 % a second
      await until('the level', level, (value) => value > 505, 60_000);
      await master.writeCoil(1, true);
      await until('the alarm', alarms, ([active, unacknowledged]) => active === 1 && unacknowledged === 1);
      await panel.keys('f3');
      await until('the acknowledgement', alarms, ([active, unacknowledged]) => active === 1 && unacknowledged === 0);
      await master.writeRegister(limit, 850);
      await until('the return', alarms, ([active]) => active === 0);
      await master.writeCoil(2, true);
      assert.deepEqual(await master.holdingRegisters(levelSetpoint, 1), [780]);
    }, 120_000);
  });

  describe('byte by byte', () => {
    let line: Socket;
    let received: number[] = [];
    beforeAll(async () => {
      await sleep(300);
      line = connect(panel.serialPort, '127.0.0.1');
      line.on('data', (data) => received.push(...data));
      await new Promise((resolve) => line.once('connect', resolve));
    });
    afterAll(() => line?.destroy());
    beforeEach(() => {
      received = [];
    });

    /** Sends a frame with its CRC (or `check`); the answer without CRC, empty when there is none. */
    async function exchange(frame: readonly number[], check = crc(frame)): Promise<number[]> {
      received = [];
      line.write(Uint8Array.from([...frame, ...check]));
      for (let waited = 0; waited < 1000; waited += 20) {
        await sleep(20);
        const body = received.slice(0, -2);
        if (body.length > 2 && crc(body).join() === received.slice(-2).join()) return body;
      }
      return received;
    }

    /** The same for a frame that is to be answered, repeated as a master does. */
    async function answerTo(frame: readonly number[]): Promise<number[]> {
      for (let attempt = 1; ; attempt++) {
        const answer = await exchange(frame);
        if (answer.length > 0 || attempt === ATTEMPTS) return answer;
      }
    }

    const rows: readonly (readonly [what: string, request: readonly number[], answer: readonly number[]])[] = [
      ['function 7 is not there', [3, 7, 0, 0, 0, 0], [3, 0x87, 1]],
      ['function 43 is not there', [3, 43, 14, 1, 0, 0], [3, 0xab, 1]],
      ['coil 9 is not there', [3, 1, 0, 9, 0, 1], [3, 0x81, 2]],
      ['discrete inputs 15 and 16: the second is not there', [3, 2, 0, 15, 0, 2], [3, 0x82, 2]],
      ['holding register 8 is not there', [3, 3, 0, 8, 0, 1], [3, 0x83, 2]],
      ['input register FFFF is not there', [3, 4, 0xff, 0xff, 0, 1], [3, 0x84, 2]],
      ['no registers at all', [3, 3, 0, 0, 0, 0], [3, 0x83, 3]],
      ['126 registers are too many', [3, 4, 0, 0, 0, 126], [3, 0x84, 3]],
      ['2001 bits are too many', [3, 1, 0, 0, 0x07, 0xd1], [3, 0x81, 3]],
      ['a coil is FF00 or 0000', [3, 5, 0, 2, 0x01, 0x00], [3, 0x85, 3]],
      ['coil 100 cannot be written', [3, 5, 0, 100, 0xff, 0], [3, 0x85, 2]],
      ['a value beyond the limit', [3, 6, 0, MIX_TIME, 0x02, 0x59], [3, 0x86, 3]],
      ['register 8 cannot be written', [3, 6, 0, 8, 0, 1], [3, 0x86, 2]],
      ['coils with a wrong byte count', [3, 15, 0, 0, 0, 9, 1, 0], [3, 0x8f, 3]],
      ['coils beyond the last', [3, 15, 0, 5, 0, 5, 1, 0], [3, 0x8f, 2]],
      ['registers with a wrong byte count', [3, 16, 0, 7, 0, 1, 4, 0, 1], [3, 0x90, 3]],
      ['registers beyond the last', [3, 16, 0, 7, 0, 2, 4, 0, 1, 0, 1], [3, 0x90, 2]],
      ['a good function 6 answers with its echo', [3, 6, 0, SCRATCH, 0x12, 0x34], [3, 6, 0, SCRATCH, 0x12, 0x34]],
      ['a read with a byte too many', [3, 3, 0, 0, 0, 1, 0], [3, 0x83, 3]],
    ];
    test.each(rows)('%s', async (_what, request, answer) => {
      assert.deepEqual(await answerTo(request), [...answer]);
    });

    test('of several registers none is written when one is refused', async () => {
      assert.deepEqual(await answerTo([3, 16, 0, 2, 0, 2, 4, 0, 100, 0, 1]), [3, 0x90, 3]);
      assert.deepEqual(await answerTo([3, 3, 0, 2, 0, 1]), [3, 3, 2, 0, 240]);
    });

    test('a wrong CRC, another address and a fragment are not answered; the next frame is', async () => {
      const request = [3, 3, 0, SCRATCH, 0, 1];
      assert.deepEqual(await exchange(request, [0, 0]), []);
      assert.deepEqual(await exchange([4, 3, 0, SCRATCH, 0, 1]), []);
      assert.deepEqual(await exchange([3, 3], []), []);
      assert.deepEqual((await answerTo(request)).slice(0, 3), [3, 3, 2]);
    });

    test('a broadcast is obeyed without an answer', async () => {
      assert.deepEqual(await exchange([0, 6, 0, SCRATCH, 0x43, 0x21]), []);
      assert.deepEqual(await answerTo([3, 3, 0, SCRATCH, 0, 1]), [3, 3, 2, 0x43, 0x21]);
    });
  });
});
