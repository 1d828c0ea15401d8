/*
 * The Modbus registers of the panel, as asm/registers.asm has them: addresses count from 0, slave address 3.
 * REGISTERS.md is `registersPage()`; a test compares all three.
 */

export interface BitRegister {
  readonly address: number;
  readonly name: string;
  readonly meaning: string;
  /** The variable in asm/registers.asm. */
  readonly variable: string;
}
export interface WordRegister extends BitRegister {
  /** What a 1 in the register is worth. */
  readonly unit: string;
}
export interface HoldingRegister extends WordRegister {
  readonly minimum: number;
  readonly maximum: number;
  /** Value after power-on. */
  readonly initial: number;
}

const bits = (...rows: readonly (readonly [name: string, variable: string, meaning: string])[]): readonly BitRegister[] =>
  rows.map(([name, variable, meaning], address) => ({ address, name, variable, meaning }));
const words = (...rows: readonly (readonly [name: string, variable: string, unit: string, meaning: string])[]): readonly WordRegister[] =>
  rows.map(([name, variable, unit, meaning], address) => ({ address, name, variable, unit, meaning }));
type HoldingRow = readonly [
  name: string,
  variable: string,
  unit: string,
  minimum: number,
  maximum: number,
  initial: number,
  meaning: string,
];
const holding = (...rows: readonly HoldingRow[]): readonly HoldingRegister[] =>
  rows.map(([name, variable, unit, minimum, maximum, initial, meaning], address) => ({
    address,
    name,
    variable,
    unit,
    minimum,
    maximum,
    initial,
    meaning,
  }));

export const line3RegisterMap = {
  /** Modbus slave address; 0 (broadcast) is obeyed without an answer. */
  slaveAddress: 3,
  baudRate: 19_200,
  dataBits: 8,
  parity: 'even',
  stopBits: 1,
  /** Functions 1, 5, 15. */
  coils: bits(
    ['start', 'running', 'write 1: start, or continue the batch; reads 1 while running'],
    ['stop', 'zero', 'write 1: stop everything; reads 0'],
    ['automatic', 'automatic', '1 AUTO (recipe), 0 MANUAL'],
    ['acknowledge', 'zero', 'write 1: acknowledge all alarms; reads 0'],
    ['clearCornerMarks', 'zero', 'write 1: forget which corners were pressed; reads 0'],
    ['manualV101', 'manual_v101', 'dosing valve A; writes count in MANUAL only'],
    ['manualV102', 'manual_v102', 'dosing valve B; writes count in MANUAL only'],
    ['manualDrain', 'manual_drain', 'drain valve V-103 with pump P-104; writes count in MANUAL only'],
    ['manualHeater', 'manual_heater', 'heater E-103; writes count in MANUAL only'],
  ),
  /** Function 2. */
  discreteInputs: bits(
    ['motorRunning', 'motor_on', 'agitator motor M-101 runs'],
    ['pumpRunning', 'pump_on', 'drain pump P-104 runs'],
    ['v101Open', 'v101_open', 'dosing valve A is open'],
    ['v102Open', 'v102_open', 'dosing valve B is open'],
    ['v103Open', 'v103_open', 'drain valve is open'],
    ['heaterOn', 'heater_on', 'heater E-103 is on'],
    ['automatic', 'automatic', 'AUTO'],
    ['running', 'running', 'started'],
    ['alarmLevelHigh', 'alarm_active', 'LAH-103 is active'],
    ['alarmTemperatureHigh', 'alarm_active+4', 'TAH-103 is active'],
    ['alarmMotorOverload', 'alarm_active+8', 'IAH-101 is active'],
    ['alarmFeedALow', 'alarm_active+12', 'LAL-101 is active'],
    ['alarmFeedBLow', 'alarm_active+16', 'LAL-102 is active'],
    ['alarmUnacknowledged', 'alarm_unacknowledged', 'some alarm is not acknowledged'],
    ['pointerAbsolute', 'pointer_is_absolute', 'the pointer gives absolute positions'],
    ['pointerButton', 'pointer_button', 'the pointer button is down'],
  ),
  /** Function 4. */
  inputRegisters: words(
    ['level', 'pv_level', '0.1 %', 'mixing tank TK-103'],
    ['temperature', 'pv_temperature', '0.1 °C', 'mixing tank TK-103'],
    ['speed', 'pv_speed', 'rpm', 'agitator'],
    ['current', 'pv_current', '0.1 A', 'agitator motor'],
    ['outflow', 'pv_flow', '0.1 L/min', 'behind P-104'],
    ['feedALevel', 'pv_feed_a', '0.1 %', 'feed tank TK-101'],
    ['feedBLevel', 'pv_feed_b', '0.1 %', 'feed tank TK-102'],
    ['step', 'step', '', '0 none, 1 dose A, 2 dose B, 3 heat, 4 mix, 5 drain'],
    ['stepProgress', 'step_progress', '%', 'of the recipe step'],
    ['batches', 'batches', '', 'finished since power-on'],
    ['activeAlarms', 'alarm_bits', '', 'bit 0 level high, 1 temperature high, 2 motor overload, 3 feed A low, 4 feed B low'],
    ['unacknowledgedAlarms', 'alarm_unack_bits', '', 'the same bits'],
    ['cornerMarks', 'corner_marks', '', 'pressed corners: bit 0 left top, 1 right top, 2 left bottom, 3 right bottom'],
    ['pointerX', 'pointer_x', 'pixel', '0 to 1023'],
    ['pointerY', 'pointer_y', 'pixel', '0 to 767'],
    ['pointerClicks', 'pointer_clicks', '', 'button presses since power-on'],
    ['uptimeLow', 'uptime', 's', 'since power-on, lower half'],
    ['uptimeHigh', 'uptime+2', '65536 s', 'since power-on, upper half'],
    ['framesTaken', 'modbus_frames', '', 'good frames for this address or for all'],
    ['framesDamaged', 'modbus_errors', '', 'frames with wrong CRC, parity, framing or length'],
    ['lastKey', 'last_key', '', 'scan code (set 1) of the newest key, +100h after E0'],
  ),
  /** Functions 3, 6, 16. A value outside its limits is refused with exception 3. */
  holdingRegisters: holding(
    ['levelSetpoint', 'sp_level', '0.1 %', 300, 900, 780, 'where dosing ends'],
    ['temperatureSetpoint', 'sp_temperature', '0.1 °C', 250, 800, 600, 'of heating and mixing'],
    ['speedSetpoint', 'sp_speed', 'rpm', 60, 480, 240, 'agitator'],
    ['mixTime', 'mix_seconds', 's', 5, 600, 30, 'of the mixing step'],
    ['levelHighLimit', 'limit_level', '0.1 %', 500, 980, 850, 'of alarm LAH-103'],
    ['temperatureHighLimit', 'limit_temperature', '0.1 °C', 300, 950, 720, 'of alarm TAH-103'],
    ['overloadLimit', 'limit_current', '0.1 A', 50, 250, 100, 'of alarm IAH-101'],
    ['scratch', 'scratch', '', 0, 65535, 0, 'for tests; the panel does not use it'],
  ),
} as const;

/** The text of REGISTERS.md. */
export function registersPage(): string {
  const map = line3RegisterMap;
  const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
    [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const bitRows = (registers: readonly BitRegister[]): string =>
    table(
      ['address', 'name', 'meaning'],
      registers.map(({ address, name, meaning }) => [address, name, meaning]),
    );
  return `# Modbus registers of Line 3 mixing

COM1, Modbus RTU, slave address ${map.slaveAddress}, ${map.baudRate} baud, ${map.dataBits} data bits, ${map.parity} parity, ${map.stopBits} stop bit. Addresses count from 0 (add 1 for
"register numbers"). Functions 1, 2, 3, 4, 5, 6, 15, 16; exceptions 1 (illegal function), 2 (illegal address), 3 (illegal value).
A frame ends after 3.5 characters of silence in guest time. Frames with a wrong CRC, parity or framing are counted and not answered.
Broadcasts (address 0) are obeyed and not answered. Gaps of 1.5 to 3.5 characters inside a frame are tolerated.

This page is made from src/register-map.ts; a test compares it with asm/registers.asm.

## Coils (functions 1, 5, 15)
${bitRows(map.coils)}

## Discrete inputs (function 2)
${bitRows(map.discreteInputs)}

## Input registers (function 4)
${table(
  ['address', 'name', 'unit', 'meaning'],
  map.inputRegisters.map(({ address, name, unit, meaning }) => [address, name, unit, meaning]),
)}

## Holding registers (functions 3, 6, 16)
${table(
  ['address', 'name', 'unit', 'least', 'largest', 'at power-on', 'meaning'],
  map.holdingRegisters.map(({ address, name, unit, minimum, maximum, initial, meaning }) => [
    address,
    name,
    unit,
    minimum,
    maximum,
    initial,
    meaning,
  ]),
)}
`;
}
