import type { MachineClock } from '../../../bus/clock.js';
import type { AccessSize, Device, MemoryRange, PortRange } from '../../../bus/device.js';
import type { Backing, PhysicalMap } from '../../../bus/guest-memory.js';
import type { BlinkingCell, Rectangle, ScreenSource, TextCursor, TextScreen, VideoDirtyPages } from '../../../bus/screen.js';
import { Dispi, type DispiState } from './dispi.js';
import { Picture } from './picture.js';
import { PlaneMemory } from './plane-memory.js';
import { CHANGE, RegisterFile, type RegisterFileState } from './register-file.js';
import { DISPI_COUNT, GFX, GFX_MISC, LITTLE_ENDIAN_PIXELS, MEMORY_MODE, MISC, MMIO, MMIO_BYTES, PORT, SEQ } from './registers.js';
import { BeamTiming } from './timing.js';

/*
 * VGA with the Bochs display extensions: ports, the legacy window at A0000, and the picture. The PCI function that places its
 * framebuffer and register window is chipset/pci/vga-function.ts.
 *
 * Sources: IBM Video Subsystem Technical Reference; FreeVGA; vbe_display_api.txt; QEMU docs/specs/standard-vga (PCI layout).
 * Left out: the vertical interrupt (not wired on PCI adapters of this kind), light pen, blinking of graphics modes, EDID.
 */

/** Address space of the legacy window and its four sizes (graphics register 6, memory map select). */
const WINDOW_BASE = 0xa_0000;
const WINDOW_BYTES = 0x2_0000;
const WINDOW_MAPS = [
  { start: 0x0_0000, length: 0x2_0000 },
  { start: 0x0_0000, length: 0x1_0000 },
  { start: 0x1_0000, length: 0x0_8000 },
  { start: 0x1_8000, length: 0x0_8000 },
] as const;
const BANK_BYTES = 0x1_0000;
const LEGACY_LIMIT = 0x3_ffff;
/** No direct mapping at A0000; NEVER: not yet decided, so that the first decision reaches the map. */
const NOT_DIRECT = -1;
const NEVER = -2;
const OPEN_BUS = 0xff;

export interface VgaState {
  readonly version: 1;
  readonly registers: RegisterFileState;
  readonly dispi: DispiState;
  readonly dispiIndex: number;
  readonly latches: number;
}

export interface VgaOptions {
  readonly clock: MachineClock;
  /** Video memory; the machine saves it, this device does not. Length a power of two (1 MiB or more), offset a multiple of 4. */
  readonly vram: Uint8Array;
  readonly dirty: VideoDirtyPages;
  readonly map: PhysicalMap;
}

export class Vga implements Device<VgaState>, ScreenSource {
  readonly name = 'vga';
  readonly ports: readonly PortRange[] = [
    { name: 'vga-crtc-mono', base: PORT.CRTC_INDEX_MONO, length: 2 },
    { name: 'vga-status-mono', base: PORT.STATUS_1_MONO, length: 1 },
    { name: 'vga', base: PORT.ATTRIBUTE, length: 0x10 },
    { name: 'vga-crtc-color', base: PORT.CRTC_INDEX_COLOR, length: 2 },
    { name: 'vga-status-color', base: PORT.STATUS_1_COLOR, length: 1 },
    // The data register is at 1CF, and at 1D0 for machines that want it aligned.
    { name: 'dispi', base: PORT.DISPI_INDEX, length: 3, widest: 2 },
  ];
  #memory: readonly MemoryRange[] = [{ name: 'vga-window', base: WINDOW_BASE, length: WINDOW_BYTES, widest: 4 }];

  readonly #registers: RegisterFile;
  readonly #dispi: Dispi;
  readonly #planes: PlaneMemory;
  readonly #timing: BeamTiming;
  readonly #picture: Picture;
  #dispiIndex = 0;
  #timingStale = true;
  /** Part of the legacy window that answers, as set by memory map select. */
  #windowStart = 0;
  #windowLength = 0;
  /** Byte of video memory directly mapped at A0000. */
  #direct = NEVER;

  constructor(private readonly options: VgaOptions) {
    const { vram, clock } = options;
    this.#timing = new BeamTiming(clock);
    this.#registers = new RegisterFile(
      () => this.#status1(),
      (what) => this.#changed(what),
    );
    this.#dispi = new Dispi(vram.length, (clear) => this.#enabledChanged(clear));
    this.#planes = new PlaneMemory(vram, this.#registers.seq, this.#registers.gfx);
    this.#picture = new Picture(this.#registers, this.#dispi, this.#planes, vram, options.dirty);
    this.reset();
  }

  get memory(): readonly MemoryRange[] {
    return this.#memory;
  }

  /** Video memory in bytes: the size of the framebuffer's base address register. */
  get vramBytes(): number {
    return this.options.vram.length;
  }

  /** The PCI function placed the register window (`undefined`: not decoded). The caller has the bus decode anew. */
  placeRegisterWindow(base: number | undefined): void {
    const [window] = this.#memory;
    this.#memory = base === undefined ? [window!] : [window!, { name: 'vga-registers', base, length: MMIO_BYTES, widest: 4 }];
  }

  get widthPx(): number {
    return this.#picture.width;
  }
  get heightPx(): number {
    return this.#picture.height;
  }
  get cursor(): TextCursor | undefined {
    return this.#picture.cursor;
  }
  get blinkingCells(): readonly BlinkingCell[] {
    return this.#picture.blinkingCells;
  }
  get text(): TextScreen | undefined {
    return this.#picture.text;
  }
  render(frame: Uint32Array, stride: number): readonly Rectangle[] {
    return this.#picture.render(frame, stride);
  }

  readPort(range: PortRange, offset: number, size: AccessSize): number {
    if (range.base !== PORT.DISPI_INDEX) return this.#registers.read(range.base + offset);
    const value = offset === 0 ? this.#dispiIndex : this.#dispi.read(this.#dispiIndex);
    return size === 1 ? value & 0xff : value;
  }

  writePort(range: PortRange, offset: number, _size: AccessSize, value: number): void {
    if (range.base !== PORT.DISPI_INDEX) this.#registers.write(range.base + offset, value);
    else if (offset === 0) this.#dispiIndex = value;
    else this.#writeDispi(this.#dispiIndex, value);
  }

  readMemory(range: MemoryRange, offset: number, size: AccessSize): number {
    if (range.base !== WINDOW_BASE) return this.#readRegisterWindow(offset, size);
    let value = 0;
    for (let i = 0; i < size; i++) value |= this.#readWindow(offset + i) << (8 * i);
    return value >>> 0;
  }

  writeMemory(range: MemoryRange, offset: number, size: AccessSize, value: number): void {
    if (range.base !== WINDOW_BASE) this.#writeRegisterWindow(offset, size, value);
    else for (let i = 0; i < size; i++) this.#writeWindow(offset + i, (value >>> (8 * i)) & 0xff);
  }

  reset(): void {
    this.#dispi.reset();
    this.#dispiIndex = 0;
    this.#planes.reset();
    this.#registers.reset();
  }

  save(): VgaState {
    return {
      version: 1,
      registers: this.#registers.save(),
      dispi: this.#dispi.save(),
      dispiIndex: this.#dispiIndex,
      latches: this.#planes.latches >>> 0,
    };
  }

  restore(state: VgaState): void {
    if (state.version !== 1) throw new Error(`vga: unknown state version ${String(state.version)}`);
    this.#dispi.restore(state.dispi);
    this.#dispiIndex = state.dispiIndex;
    this.#registers.restore(state.registers);
    this.#registers.dac.wide = this.#dispi.wideDac;
    this.#planes.latches = state.latches;
    this.#planes.touchAll();
    this.#direct = NEVER;
    this.#changed(CHANGE.LAYOUT | CHANGE.PALETTE | CHANGE.WINDOW);
  }

  #changed(what: number): void {
    this.#picture.changed(what);
    if (what & CHANGE.LAYOUT) this.#timingStale = true;
    if (what & CHANGE.WINDOW) this.#placeWindow();
  }

  #status1(): number {
    if (this.#timingStale) this.#timing.update(this.#registers, this.#dispi);
    this.#timingStale = false;
    return this.#timing.status1();
  }

  #writeDispi(index: number, value: number): void {
    this.#dispi.write(index, value);
    this.#changed(CHANGE.LAYOUT | CHANGE.WINDOW);
  }

  #enabledChanged(clear: boolean): void {
    if (this.#registers.dac.wide !== this.#dispi.wideDac) {
      this.#registers.dac.wide = this.#dispi.wideDac;
      this.#picture.changed(CHANGE.PALETTE);
    }
    if (!clear) return;
    this.options.vram.fill(0);
    this.#planes.touchAll();
  }

  /** Linear modes and chain-4 with all planes have bytes of video memory in a row at A0000: the CPU then writes them itself. */
  #placeWindow(): void {
    const { gfx, seq, misc } = this.#registers;
    const select = (gfx[GFX.MISCELLANEOUS]! >> GFX_MISC.MEMORY_MAP_SHIFT) & GFX_MISC.MEMORY_MAP;
    const linear = this.#dispi.enabled && this.#dispi.depth !== 4;
    const map = WINDOW_MAPS[linear ? 1 : select]!;
    this.#windowStart = map.start;
    this.#windowLength = misc & MISC.RAM_ENABLE ? map.length : 0;
    const chained = (seq[SEQ.MEMORY_MODE]! & MEMORY_MODE.CHAIN_4) !== 0 && (seq[SEQ.MAP_MASK]! & 0xf) === 0xf && select === 1;
    const direct = this.#windowLength > 0 && (linear || (chained && !this.#dispi.enabled)) ? this.#dispi.bankStart : NOT_DIRECT;
    if (direct === this.#direct) return;
    this.#direct = direct;
    const backing: Backing | undefined = direct === NOT_DIRECT ? undefined : { region: 'vram', offset: direct };
    this.options.map.map(WINDOW_BASE, BANK_BYTES, backing, backing);
  }

  /** The address that the planes see for a byte of the window, or -1 where the window does not answer. */
  #windowAddress(offset: number): number {
    const inside = offset - this.#windowStart;
    return inside < 0 || inside >= this.#windowLength ? -1 : inside + this.#dispi.bankStart;
  }

  #readWindow(offset: number): number {
    const address = this.#windowAddress(offset);
    if (address < 0) return OPEN_BUS;
    if (this.#direct >= 0) return this.options.vram[address]!;
    return this.#planes.read(address, this.#limit());
  }

  #writeWindow(offset: number, value: number): void {
    const address = this.#windowAddress(offset);
    if (address < 0) return;
    if (this.#direct >= 0) {
      this.options.vram[address] = value;
      this.#planes.written[address >> 12] = 1;
      this.#planes.anyWritten = true;
    } else this.#planes.write(address, value, this.#limit());
  }

  #limit(): number {
    return this.#dispi.enabled ? this.options.vram.length - 1 : LEGACY_LIMIT;
  }

  #readRegisterWindow(offset: number, size: AccessSize): number {
    if (offset >= MMIO.DISPI && offset < MMIO.DISPI_END) {
      const index = (offset - MMIO.DISPI) >> 1;
      if (size === 1) return (this.#dispi.read(index) >> (8 * (offset & 1))) & 0xff;
      return (this.#dispi.read(index) | (size === 4 && index + 1 < DISPI_COUNT ? this.#dispi.read(index + 1) << 16 : 0)) >>> 0;
    }
    if (offset >= MMIO.VGA_PORTS && offset < MMIO.VGA_PORTS_END) {
      let value = 0;
      for (let i = 0; i < size; i++) value |= this.#registers.read(PORT.ATTRIBUTE + offset - MMIO.VGA_PORTS + i) << (8 * i);
      return value >>> 0;
    }
    // The extension says how long it is, and that pixels are little-endian.
    if (offset === MMIO.EXTENSION_SIZE) return 8;
    if (offset === MMIO.BYTE_ORDER) return LITTLE_ENDIAN_PIXELS;
    return 0;
  }

  #writeRegisterWindow(offset: number, size: AccessSize, value: number): void {
    if (offset >= MMIO.DISPI && offset < MMIO.DISPI_END) {
      this.#writeDispi((offset - MMIO.DISPI) >> 1, value & 0xffff);
    } else if (offset >= MMIO.VGA_PORTS && offset < MMIO.VGA_PORTS_END) {
      for (let i = 0; i < size; i++) this.#registers.write(PORT.ATTRIBUTE + offset - MMIO.VGA_PORTS + i, (value >>> (8 * i)) & 0xff);
    }
  }
}
