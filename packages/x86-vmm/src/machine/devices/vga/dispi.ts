import { MAX_HEIGHT_PX, MAX_WIDTH_PX } from '../../../bus/screen.js';
import { DISPI, DISPI_COUNT, DISPI_ENABLE, DISPI_ID_NEWEST, DISPI_ID_OLDEST } from './registers.js';

/*
 * Bochs display interface ("VBE DISPI"): the registers behind ports 1CE/1CF by which a video BIOS or driver sets linear modes.
 * Source: the public interface description (vbe_display_api.txt) and QEMU's docs/specs/standard-vga.
 */

const DEPTHS: readonly number[] = [4, 8, 15, 16, 24, 32];
/** The banked window at A0000 moves in steps of 64 KiB. */
const BANK_BYTES = 0x1_0000;
/** Bits of ENABLE that read back. */
const ENABLE_STORED = 0xff;

export interface DispiState {
  readonly version: 1;
  readonly registers: readonly number[];
}

export class Dispi {
  readonly #registers = new Uint16Array(DISPI_COUNT);

  /** @param enabledChanged called after a mode was switched on or off; `clear`: the guest wants video memory zeroed */
  constructor(
    private readonly vramBytes: number,
    private readonly enabledChanged: (clear: boolean) => void,
  ) {
    this.reset();
  }

  get enabled(): boolean {
    return (this.#registers[DISPI.ENABLE]! & DISPI_ENABLE.ENABLED) !== 0;
  }
  get wideDac(): boolean {
    return (this.#registers[DISPI.ENABLE]! & DISPI_ENABLE.DAC_8_BIT) !== 0;
  }
  get width(): number {
    return this.#registers[DISPI.XRES]!;
  }
  get height(): number {
    return this.#registers[DISPI.YRES]!;
  }
  /** Bits per pixel: 4 (planar), 8 (palette), 15, 16, 24, 32. */
  get depth(): number {
    return this.#registers[DISPI.BPP]!;
  }
  /** Bytes of video memory from one line to the next. */
  get pitch(): number {
    return this.#registers[DISPI.VIRT_WIDTH]! * this.#bytesPerPixel();
  }
  /** Byte of video memory where the picture starts, a multiple of 4 in planar modes (the rest of X_OFFSET is `panning`). */
  get start(): number {
    const x = this.#registers[DISPI.X_OFFSET]!;
    const y = this.#registers[DISPI.Y_OFFSET]!;
    return y * this.pitch + (this.depth === 4 ? (x >> 3) * 4 : x * this.#bytesPerPixel());
  }
  get panning(): number {
    return this.depth === 4 ? this.#registers[DISPI.X_OFFSET]! & 7 : 0;
  }
  /** Byte of video memory (of each plane in planar modes) that A0000 shows. */
  get bankStart(): number {
    return this.enabled ? this.#registers[DISPI.BANK]! * BANK_BYTES : 0;
  }

  read(index: number): number {
    if (index >= DISPI_COUNT) return 0;
    if (this.#registers[DISPI.ENABLE]! & DISPI_ENABLE.GETCAPS) {
      if (index === DISPI.XRES) return MAX_WIDTH_PX;
      if (index === DISPI.YRES) return MAX_HEIGHT_PX;
      if (index === DISPI.BPP) return 32;
    }
    if (index === DISPI.VIDEO_MEMORY_64K) return this.vramBytes >> 16;
    return this.#registers[index]!;
  }

  write(index: number, value: number): void {
    const registers = this.#registers;
    switch (index) {
      case DISPI.ID:
        if (value >= DISPI_ID_OLDEST && value <= DISPI_ID_NEWEST) registers[DISPI.ID] = value;
        break;
      case DISPI.XRES:
        // In steps of eight, rounded down: drivers ask for 1366.
        if (!this.enabled && value >= 8 && value <= MAX_WIDTH_PX) registers[DISPI.XRES] = value & ~7;
        break;
      case DISPI.YRES:
        if (!this.enabled && value > 0 && value <= MAX_HEIGHT_PX) registers[DISPI.YRES] = value;
        break;
      case DISPI.BPP:
        // 0 asks for the default of the oldest interface.
        if (!this.enabled && (value === 0 || DEPTHS.includes(value))) registers[DISPI.BPP] = value === 0 ? 8 : value;
        break;
      case DISPI.ENABLE:
        this.#writeEnable(value);
        break;
      case DISPI.BANK:
        if (value < this.vramBytes / BANK_BYTES) registers[DISPI.BANK] = value;
        break;
      case DISPI.VIRT_WIDTH:
        this.#writeVirtualWidth(value);
        break;
      case DISPI.X_OFFSET:
      case DISPI.Y_OFFSET:
        this.#writeOffset(index, value);
        break;
      default:
        break; // VIRT_HEIGHT and VIDEO_MEMORY_64K are read-only
    }
  }

  reset(): void {
    this.#registers.fill(0);
    this.#registers[DISPI.ID] = DISPI_ID_NEWEST;
    this.#registers[DISPI.XRES] = 640;
    this.#registers[DISPI.YRES] = 480;
    this.#registers[DISPI.BPP] = 8;
  }

  save(): DispiState {
    return { version: 1, registers: [...this.#registers] };
  }

  restore(state: DispiState): void {
    this.#registers.set(state.registers.slice(0, DISPI_COUNT));
  }

  #writeEnable(value: number): void {
    const registers = this.#registers;
    const was = this.enabled;
    const fits = registers[DISPI.YRES]! * registers[DISPI.XRES]! * this.#bytesPerPixel() <= this.vramBytes;
    const accepted = value & DISPI_ENABLE.ENABLED && !fits ? value & ~DISPI_ENABLE.ENABLED : value;
    registers[DISPI.ENABLE] = accepted & ENABLE_STORED;
    if (this.enabled && !was) {
      registers[DISPI.BANK] = registers[DISPI.X_OFFSET] = registers[DISPI.Y_OFFSET] = 0;
      this.#setVirtualWidth(registers[DISPI.XRES]!);
    }
    this.enabledChanged(this.enabled && !was && !(value & DISPI_ENABLE.NO_CLEAR));
  }

  #writeVirtualWidth(value: number): void {
    // A line shorter than the picture or longer than video memory allows is not taken.
    if (value < this.#registers[DISPI.XRES]! || value * this.#bytesPerPixel() * this.#registers[DISPI.YRES]! > this.vramBytes) return;
    this.#setVirtualWidth(value & ~7);
  }

  #setVirtualWidth(value: number): void {
    this.#registers[DISPI.VIRT_WIDTH] = value;
    this.#registers[DISPI.VIRT_HEIGHT] = Math.min(0xffff, Math.floor(this.vramBytes / (value * this.#bytesPerPixel())));
  }

  /** Offsets that would show bytes behind the end of video memory are not taken. */
  #writeOffset(index: number, value: number): void {
    const virtual = index === DISPI.X_OFFSET ? this.#registers[DISPI.VIRT_WIDTH]! : this.#registers[DISPI.VIRT_HEIGHT]!;
    const shown = index === DISPI.X_OFFSET ? this.#registers[DISPI.XRES]! : this.#registers[DISPI.YRES]!;
    if (value + shown <= virtual) this.#registers[index] = value;
  }

  #bytesPerPixel(): number {
    const depth = this.#registers[DISPI.BPP]!;
    return depth === 4 ? 0.5 : (depth + 7) >> 3;
  }
}
