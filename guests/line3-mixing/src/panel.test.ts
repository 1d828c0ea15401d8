import { fileURLToPath } from 'node:url';
import { afterAll, assert, beforeAll, describe, test } from 'vitest';
import { assembleWithOurs } from './assemble.js';
import { buildImage } from './image.js';
import { line3Screen } from './screen-map.js';
import { QemuPanel, qemuMissing, sleep, until } from './support/qemu-panel.js';
import { RtuMaster } from './support/rtu-master.js';

const missing = qemuMissing();
const image = buildImage(fileURLToPath(new URL('../asm', import.meta.url)), assembleWithOurs);
const { motorLamp, buttons, corners, clock, trend } = line3Screen;
interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const COIL = { start: 0, stop: 1, automatic: 2, clearCornerMarks: 4, manualV101: 5 };
const INPUT = { motorRunning: 0, pointerAbsolute: 14 };
const REGISTER = { cornerMarks: 12, pointerX: 13, pointerY: 14 };

describe.skipIf(missing)(`the panel in QEMU${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let panel: QemuPanel;
  let modbus: RtuMaster;
  const lamp = async (): Promise<number> => (await panel.picture()).pixel(motorLamp);
  const discrete = (address: number): Promise<boolean> => modbus.discreteInput(address);
  const stopped = async (): Promise<void> => {
    await modbus.writeCoil(COIL.stop, true);
    await until('the lamp', lamp, (colour) => colour === motorLamp.stopped);
  };
  const running = async (): Promise<void> => {
    await until('the lamp', lamp, (colour) => colour === motorLamp.running);
    await until('the discrete input', () => discrete(INPUT.motorRunning), Boolean);
  };

  beforeAll(async () => {
    panel = await QemuPanel.start(image);
    await until('the start screen', lamp, (colour) => colour === motorLamp.stopped);
    modbus = await RtuMaster.connect(panel.serialPort);
  }, 60_000);
  afterAll(async () => {
    modbus?.close();
    await panel?.stop();
  });

  test('an idle panel writes no pixel but the clock and the ends of the trend lines', async () => {
    await sleep(3500); // the link lamp goes out three seconds after the last frame
    const before = await panel.picture();
    await sleep(2500);
    const after = await panel.picture();
    const inside = (area: Area, x: number, y: number): boolean =>
      x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
    const changed = { clock: 0, trend: 0, elsewhere: 0 };
    for (let y = 0; y < before.height; y++) {
      for (let x = 0; x < before.width; x++) {
        if (before.pixel({ x, y }) === after.pixel({ x, y })) continue;
        changed[inside(clock, x, y) ? 'clock' : inside(trend, x, y) ? 'trend' : 'elsewhere']++;
      }
    }
    assert.equal(changed.elsewhere, 0);
    assert.isAbove(changed.clock, 0);
    assert.isBelow(changed.trend, 60); // two samples, three pens, three columns each
  });

  test('F1 starts the motor, F2 stops it', async () => {
    await panel.keys('f1');
    await running();
    await panel.keys('f2');
    await until('the lamp', lamp, (colour) => colour === motorLamp.stopped);
    assert.isFalse(await discrete(INPUT.motorRunning));
  });

  test('Tab and Enter press START', async () => {
    await panel.keys('tab', 'ret');
    await running();
    await stopped();
  });

  test('a click on START with the absolute pointer starts the motor', async () => {
    assert.isTrue(await discrete(INPUT.pointerAbsolute));
    await panel.moveTo(buttons.start);
    await panel.press();
    await running();
    assert.deepEqual(await modbus.inputRegisters(REGISTER.pointerX, 2), [buttons.start.x, buttons.start.y]);
    await stopped();
  });

  test('a press that is let go elsewhere does nothing', async () => {
    await panel.moveTo(buttons.start);
    await panel.command('input-send-event', { events: [{ type: 'btn', data: { button: 'left', down: true } }] });
    await sleep(80);
    await panel.moveTo(buttons.stop);
    await panel.command('input-send-event', { events: [{ type: 'btn', data: { button: 'left', down: false } }] });
    await sleep(400);
    assert.equal(await lamp(), motorLamp.stopped);
  });

  test('clicks on the four corners set their bits and light them', async () => {
    await modbus.writeCoil(COIL.clearCornerMarks, true);
    for (const [index, target] of corners.targets.entries()) {
      await panel.moveTo(target);
      await panel.press();
      await until(
        'the corner bits',
        async () => (await modbus.inputRegisters(REGISTER.cornerMarks, 1))[0],
        (bits) => bits === (2 << index) - 1,
      );
    }
    await panel.moveTo({ x: 600, y: 600 });
    await sleep(400);
    const picture = await panel.picture();
    assert.deepEqual(
      corners.lamps.map((at) => picture.pixel(at)),
      corners.lamps.map(() => corners.pressed),
    );
  });

  test('M changes to the relative pointer: corners and START again', async () => {
    await panel.keys('m');
    await until(
      'absolute',
      () => discrete(INPUT.pointerAbsolute),
      (value) => !value,
    );
    assert.deepEqual(await modbus.inputRegisters(REGISTER.cornerMarks, 1), [0]);
    await panel.moveBy(-1200, -900);
    let at = { x: 0, y: 0 };
    for (const target of [...corners.targets, buttons.start]) {
      await panel.moveBy(target.x - at.x, target.y - at.y);
      await panel.press();
      at = target;
    }
    await running();
    assert.deepEqual(await modbus.inputRegisters(REGISTER.cornerMarks, 3), [15, buttons.start.x, buttons.start.y]);
    await panel.keys('m');
    await until('absolute', () => discrete(INPUT.pointerAbsolute), Boolean);
    await stopped();
  });

  test('in MANUAL a click on a valve opens it, in AUTO it does not', async () => {
    await panel.moveTo(buttons.v101);
    await panel.press();
    assert.isFalse(await discrete(2));
    await panel.keys('f4');
    await panel.press();
    await until('the valve', () => discrete(2), Boolean);
    await modbus.writeCoil(COIL.manualV101, false);
    await until(
      'the valve',
      () => discrete(2),
      (open) => !open,
    );
    await modbus.writeCoil(COIL.automatic, true);
  });

  test('+ and - change the chosen setpoint within its limits', async () => {
    await modbus.writeRegister(2, 470);
    await panel.moveTo(buttons.speedUp);
    await panel.press();
    await panel.press();
    assert.deepEqual(await modbus.holdingRegisters(2, 1), [480]);
    await panel.keys('minus');
    assert.deepEqual(await modbus.holdingRegisters(2, 1), [470]);
  });
});

function startScreen(panel: QemuPanel): Promise<unknown> {
  return until(
    'the start screen',
    async () => (await panel.picture()).pixel(motorLamp),
    (colour) => colour === motorLamp.stopped,
    60_000,
  );
}

test.skipIf(missing)('the power button switches the machine off', async () => {
  const panel = await QemuPanel.start(image);
  try {
    await startScreen(panel);
    await panel.command('system_powerdown');
    await until('the end', async () => panel.hasEnded, Boolean);
  } finally {
    await panel.stop();
  }
});

test.skipIf(missing)('boots from a diskette too, through cylinder, head and sector', async () => {
  const panel = await QemuPanel.start(image, ['-boot', 'a']);
  try {
    await startScreen(panel);
  } finally {
    await panel.stop();
  }
});
