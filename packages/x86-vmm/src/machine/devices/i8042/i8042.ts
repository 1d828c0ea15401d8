import type { MachineClock, Timer } from '../../../bus/clock.js';
import type { AccessSize, Device, InterruptLine, PortRange } from '../../../bus/device.js';
import { ByteQueue } from '../support/byte-queue.js';
import { Ps2Keyboard, type Ps2KeyboardState } from './keyboard.js';
import { Ps2Mouse, type Ps2MouseState } from './mouse.js';
import { COMMAND_BYTE, CONTROLLER, CONTROLLER_REPLY, I8042_PORTS, INPUT_PORT, OUTPUT_PORT, STATUS, TEST_INPUTS_IDLE } from './registers.js';
import { translateToSet1 } from './scan-codes.js';

/*
 * The PC's keyboard controller: an Intel 8042 with the PS/2 program, one keyboard and one mouse behind it.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller".
 *
 * The output buffer holds one byte. Replies of the controller itself go first and at once; bytes of the devices take their time
 * on the line, which also gives a guest time to read the same byte twice, as chained DOS handlers do.
 * Left out: passwords, the diagnostic dump, parity and time-out errors (nothing is ever unplugged or garbled).
 */

/** A byte on the PS/2 line. Eleven bits take 0.7 to 1.1 ms; a quarter of that keeps typing and the mouse brisk on a slow machine. */
const BYTE_NS = 250_000n;

/** Where the byte in the output buffer came from. */
type Source = 'keyboard' | 'auxiliary' | 'controller';

export interface I8042State {
  readonly version: 1;
  readonly ram: Uint8Array;
  readonly data: number;
  readonly full: boolean;
  readonly source: Source;
  readonly lastWriteWasCommand: boolean;
  readonly parameterOf: number;
  readonly outputPort: number;
  readonly breakPrefix: boolean;
  readonly replies: Uint8Array;
  readonly transferNs: bigint | null;
  readonly keyboard: Ps2KeyboardState;
  readonly mouse: Ps2MouseState;
}

export interface I8042Options {
  readonly clock: MachineClock;
  /** IRQ 1. */
  readonly keyboardIrq: InterruptLine;
  /** IRQ 12. */
  readonly mouseIrq: InterruptLine;
  /** Bit 1 of the output port; driven at reset (high) and whenever the guest writes it. */
  readonly a20: InterruptLine;
  /** Bit 0 of the output port went low, or was pulsed: the CPU is reset. */
  readonly resetCpu: () => void;
}

export class I8042 implements Device<I8042State> {
  readonly name = 'i8042';
  readonly ports: readonly PortRange[] = [
    { name: 'i8042-data', base: I8042_PORTS.DATA, length: 1 },
    { name: 'i8042-command', base: I8042_PORTS.COMMAND, length: 1 },
  ];
  readonly keyboard: Ps2Keyboard;
  readonly mouse: Ps2Mouse;

  readonly #timer: Timer;
  /** Address 0 is the command byte. */
  readonly #ram = new Uint8Array(32);
  #data = 0;
  #full = false;
  #source: Source = 'controller';
  #lastWriteWasCommand = false;
  /** Command whose data byte is due at 0x60, or 0. */
  #parameterOf = 0;
  #outputPort: number = OUTPUT_PORT.NOT_RESET | OUTPUT_PORT.A20;
  /** Translation: F0 came, the next code is a release. */
  #breakPrefix = false;
  /** Controller replies that wait for the output buffer. */
  readonly #replies = new ByteQueue(4);

  constructor(private readonly options: I8042Options) {
    const outputReady = (): void => this.#pump();
    this.#timer = options.clock.createTimer('i8042', () => this.#transfer());
    this.keyboard = new Ps2Keyboard({ clock: options.clock, outputReady });
    this.mouse = new Ps2Mouse({ clock: options.clock, outputReady });
    this.#ram[0] = POWER_ON_COMMAND_BYTE;
  }

  readPort(range: PortRange, _offset: number, _size: AccessSize): number {
    return range.base === I8042_PORTS.DATA ? this.#readData() : this.#status();
  }

  writePort(range: PortRange, _offset: number, _size: AccessSize, value: number): void {
    this.#lastWriteWasCommand = range.base === I8042_PORTS.COMMAND;
    if (this.#lastWriteWasCommand) {
      this.#parameterOf = 0;
      this.#command(value);
      return;
    }
    const command = this.#parameterOf;
    this.#parameterOf = 0;
    if (command !== 0) this.#takeParameter(command, value);
    else {
      // Data for the keyboard switches its interface on.
      this.#setCommandByte(this.#commandByte & ~COMMAND_BYTE.DISABLE_KEYBOARD);
      this.keyboard.receive(value);
    }
  }

  reset(): void {
    this.#timer.cancel();
    this.#ram.fill(0);
    this.#ram[0] = POWER_ON_COMMAND_BYTE;
    this.#data = 0;
    this.#full = false;
    this.#source = 'controller';
    this.#lastWriteWasCommand = false;
    this.#parameterOf = 0;
    this.#breakPrefix = false;
    this.#replies.clear();
    this.#outputPort = OUTPUT_PORT.NOT_RESET | OUTPUT_PORT.A20;
    this.keyboard.reset();
    this.mouse.reset();
    this.options.a20.set(true);
    this.#drive();
  }

  save(): I8042State {
    return {
      version: 1,
      ram: this.#ram.slice(),
      data: this.#data,
      full: this.#full,
      source: this.#source,
      lastWriteWasCommand: this.#lastWriteWasCommand,
      parameterOf: this.#parameterOf,
      outputPort: this.#outputPort,
      breakPrefix: this.#breakPrefix,
      replies: this.#replies.save(),
      transferNs: this.#timer.deadlineNs ?? null,
      keyboard: this.keyboard.save(),
      mouse: this.mouse.save(),
    };
  }

  /** Does not drive A20: whose write was the last, the CPU's own state knows. */
  restore(state: I8042State): void {
    if (state.version !== 1) throw new Error('i8042: unknown state version');
    this.#ram.set(state.ram.subarray(0, this.#ram.length));
    this.#data = state.data;
    this.#full = state.full;
    this.#source = state.source;
    this.#lastWriteWasCommand = state.lastWriteWasCommand;
    this.#parameterOf = state.parameterOf;
    this.#outputPort = state.outputPort;
    this.#breakPrefix = state.breakPrefix;
    this.#replies.restore(state.replies);
    this.keyboard.restore(state.keyboard);
    this.mouse.restore(state.mouse);
    if (state.transferNs === null) this.#timer.cancel();
    else this.#timer.arm(state.transferNs);
    this.#drive();
  }

  get #commandByte(): number {
    return this.#ram[0]!;
  }

  #status(): number {
    return (
      (this.#full ? STATUS.OUTPUT_BUFFER_FULL : 0) |
      (this.#commandByte & COMMAND_BYTE.SYSTEM_FLAG ? STATUS.SYSTEM_FLAG : 0) |
      (this.#lastWriteWasCommand ? STATUS.COMMAND : 0) |
      (this.#full && this.#source === 'auxiliary' ? STATUS.AUXILIARY_OUTPUT : 0) |
      STATUS.NOT_INHIBITED
    );
  }

  /** An empty buffer still reads as the last byte. */
  #readData(): number {
    const data = this.#data;
    this.#full = false;
    this.#drive();
    const reply = this.#replies.shift();
    if (reply !== undefined) this.#fill(reply, 'controller');
    else this.#pump();
    return data;
  }

  #command(value: number): void {
    if (value >= CONTROLLER.PULSE_OUTPUT) {
      // Bits 3..0 select by zeros the output lines that go low for 6 us; line 0 is the CPU's reset.
      if (!(value & OUTPUT_PORT.NOT_RESET)) this.options.resetCpu();
      return;
    }
    if (value >= CONTROLLER.READ_RAM && value < CONTROLLER.READ_RAM + 32) {
      this.#reply(this.#ram[value & 0x1f]!);
      return;
    }
    if (value >= CONTROLLER.WRITE_RAM && value < CONTROLLER.WRITE_RAM + 32) {
      this.#parameterOf = value;
      return;
    }
    switch (value) {
      case CONTROLLER.TEST_PASSWORD:
        this.#reply(CONTROLLER_REPLY.NO_PASSWORD);
        return;
      case CONTROLLER.DISABLE_AUXILIARY:
        this.#setCommandByte(this.#commandByte | COMMAND_BYTE.DISABLE_AUXILIARY);
        return;
      case CONTROLLER.ENABLE_AUXILIARY:
        this.#setCommandByte(this.#commandByte & ~COMMAND_BYTE.DISABLE_AUXILIARY);
        return;
      case CONTROLLER.DISABLE_KEYBOARD:
        this.#setCommandByte(this.#commandByte | COMMAND_BYTE.DISABLE_KEYBOARD);
        return;
      case CONTROLLER.ENABLE_KEYBOARD:
        this.#setCommandByte(this.#commandByte & ~COMMAND_BYTE.DISABLE_KEYBOARD);
        return;
      case CONTROLLER.SELF_TEST:
        this.#setCommandByte(this.#commandByte | COMMAND_BYTE.SYSTEM_FLAG);
        this.#reply(CONTROLLER_REPLY.SELF_TEST_PASSED);
        return;
      case CONTROLLER.TEST_AUXILIARY:
      case CONTROLLER.TEST_KEYBOARD:
        this.#reply(CONTROLLER_REPLY.INTERFACE_GOOD);
        return;
      case CONTROLLER.READ_INPUT_PORT:
        this.#reply(INPUT_PORT);
        return;
      case CONTROLLER.READ_OUTPUT_PORT:
        this.#reply(this.#readOutputPort());
        return;
      case CONTROLLER.READ_TEST_INPUTS:
        this.#reply(TEST_INPUTS_IDLE);
        return;
      case CONTROLLER.WRITE_OUTPUT_PORT:
      case CONTROLLER.WRITE_KEYBOARD_OUTPUT:
      case CONTROLLER.WRITE_AUXILIARY_OUTPUT:
      case CONTROLLER.WRITE_AUXILIARY_DEVICE:
        this.#parameterOf = value;
        return;
      case CONTROLLER.DISABLE_A20:
        this.#writeOutputPort(this.#outputPort & ~OUTPUT_PORT.A20);
        return;
      case CONTROLLER.ENABLE_A20:
        this.#writeOutputPort(this.#outputPort | OUTPUT_PORT.A20);
        return;
      default:
        return; // unknown commands are ignored
    }
  }

  #takeParameter(command: number, value: number): void {
    switch (command) {
      case CONTROLLER.WRITE_OUTPUT_PORT:
        this.#writeOutputPort(value);
        return;
      case CONTROLLER.WRITE_KEYBOARD_OUTPUT:
        this.#fill(value, 'keyboard');
        return;
      case CONTROLLER.WRITE_AUXILIARY_OUTPUT:
        this.#fill(value, 'auxiliary');
        return;
      case CONTROLLER.WRITE_AUXILIARY_DEVICE:
        this.#setCommandByte(this.#commandByte & ~COMMAND_BYTE.DISABLE_AUXILIARY);
        this.mouse.receive(value);
        return;
      case CONTROLLER.WRITE_RAM:
        this.#setCommandByte(value);
        return;
      default:
        this.#ram[command & 0x1f] = value;
    }
  }

  #setCommandByte(value: number): void {
    this.#ram[0] = value;
    this.#drive();
    this.#pump();
  }

  #readOutputPort(): number {
    const full = this.#source === 'auxiliary' ? OUTPUT_PORT.AUXILIARY_FULL : OUTPUT_PORT.KEYBOARD_FULL;
    return this.#outputPort | OUTPUT_PORT.LINES_HIGH | (this.#full ? full : 0);
  }

  #writeOutputPort(value: number): void {
    this.#outputPort = value & (OUTPUT_PORT.A20 | OUTPUT_PORT.NOT_RESET);
    this.options.a20.set((value & OUTPUT_PORT.A20) !== 0);
    if (!(value & OUTPUT_PORT.NOT_RESET)) this.options.resetCpu();
  }

  #reply(byte: number): void {
    if (this.#full) this.#replies.push(byte);
    else this.#fill(byte, 'controller');
  }

  #fill(byte: number, source: Source): void {
    this.#full = false;
    this.#drive();
    this.#data = byte;
    this.#source = source;
    this.#full = true;
    this.#drive();
  }

  /** Starts the next byte of a device on its way, if one waits and the buffer is free. */
  #pump(): void {
    if (this.#full || this.#timer.deadlineNs !== undefined || !this.#sender()) return;
    this.#timer.arm(this.options.clock.now() + BYTE_NS);
  }

  #sender(): 'keyboard' | 'mouse' | undefined {
    if (this.keyboard.hasOutput && !(this.#commandByte & COMMAND_BYTE.DISABLE_KEYBOARD)) return 'keyboard';
    if (this.mouse.hasOutput && !(this.#commandByte & COMMAND_BYTE.DISABLE_AUXILIARY)) return 'mouse';
    return undefined;
  }

  /** A device's byte has arrived, if its interface is still on and the buffer still free. */
  #transfer(): void {
    if (this.#full) return;
    const sender = this.#sender();
    if (sender === 'mouse') this.#fill(this.mouse.takeOutput(), 'auxiliary');
    else if (sender === 'keyboard') this.#receiveFromKeyboard(this.keyboard.takeOutput());
    this.#pump();
  }

  #receiveFromKeyboard(byte: number): void {
    if (!(this.#commandByte & COMMAND_BYTE.TRANSLATE)) {
      this.#fill(byte, 'keyboard');
      return;
    }
    if (byte === 0xf0) {
      this.#breakPrefix = true;
      return;
    }
    const code = translateToSet1(byte) | (this.#breakPrefix ? 0x80 : 0);
    this.#breakPrefix = false;
    this.#fill(code, 'keyboard');
  }

  /** The interrupt lines follow the output buffer; a switched-off keyboard interface also holds IRQ 1. */
  #drive(): void {
    const isAuxiliary = this.#source === 'auxiliary';
    const keyboardOn =
      (this.#commandByte & (COMMAND_BYTE.KEYBOARD_INTERRUPT | COMMAND_BYTE.DISABLE_KEYBOARD)) === COMMAND_BYTE.KEYBOARD_INTERRUPT;
    this.options.keyboardIrq.set(this.#full && !isAuxiliary && keyboardOn);
    this.options.mouseIrq.set(this.#full && isAuxiliary && (this.#commandByte & COMMAND_BYTE.AUXILIARY_INTERRUPT) !== 0);
  }
}

/** Interrupts and translation on: a kernel started without firmware finds the keyboard as an AT BIOS would have left it. */
const POWER_ON_COMMAND_BYTE = COMMAND_BYTE.KEYBOARD_INTERRUPT | COMMAND_BYTE.AUXILIARY_INTERRUPT | COMMAND_BYTE.TRANSLATE;
