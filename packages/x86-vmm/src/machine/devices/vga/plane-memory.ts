import { DATA_ROTATE, GFX, GFX_MODE, MEMORY_MODE, SEQ } from './registers.js';

/*
 * The graphics controller's data path: CPU bytes to and from the four planes. Source: IBM VGA technical reference, "Graphics
 * Controller"; FreeVGA, "Accessing the VGA Display Memory".
 *
 * Layout: byte 4n+p of video memory is byte n of plane p, so one 32-bit word is what the latches hold, and chain-4 addresses are
 * linear. Differs: with odd/even (chain-4) addressing the chip leaves every second byte (three of four) of a plane unused and its CRTC
 * skips them in word (doubleword) mode; here both sides count without holes, which no program that uses both alike can tell.
 */

/** For each plane mask 0..15 the 32-bit word with ff in the bytes of its planes. */
const PLANES = Uint32Array.from({ length: 16 }, (_, mask) =>
  [0, 1, 2, 3].reduce((word, plane) => (mask & (1 << plane) ? (word | (0xff << (8 * plane))) >>> 0 : word), 0),
);
const ODD_PLANES = 0b1010;
const EVEN_PLANES = 0b0101;

export class PlaneMemory {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  /** One byte a 4 KiB page of video memory: written through the legacy window since it was last taken. */
  readonly written: Uint8Array;
  /** Some byte of `written` is set. */
  anyWritten = false;
  /** A write reached plane 2, where text modes keep their fonts. */
  fontWritten = false;
  /** The four latches, one byte a plane. */
  latches = 0;

  /** @param vram its length is a power of two and its offset a multiple of 4 */
  constructor(
    vram: Uint8Array,
    private readonly seq: Uint8Array,
    private readonly gfx: Uint8Array,
  ) {
    this.#bytes = vram;
    this.#words = new Uint32Array(vram.buffer, vram.byteOffset, vram.length >> 2);
    this.written = new Uint8Array(vram.length >> 12);
  }

  /** @param address byte in the window's address space; `limit` the last byte of video memory that may be reached (2^n - 1) */
  read(address: number, limit: number): number {
    const mode = this.gfx[GFX.MODE]!;
    if (this.seq[SEQ.MEMORY_MODE]! & MEMORY_MODE.CHAIN_4) {
      const at = address & limit;
      this.latches = this.#words[at >> 2]!;
      return this.#bytes[at]!;
    }
    let plane = this.gfx[GFX.READ_MAP]! & 3;
    let n = address;
    if (mode & GFX_MODE.ODD_EVEN) {
      plane = (plane & 2) | (address & 1);
      n = address >> 1;
    }
    this.latches = this.#words[n & (limit >> 2)]!;
    if (mode & GFX_MODE.READ_MODE_1) return this.#compareColors();
    return (this.latches >>> (8 * plane)) & 0xff;
  }

  write(address: number, value: number, limit: number): void {
    const memoryMode = this.seq[SEQ.MEMORY_MODE]!;
    const mapMask = this.seq[SEQ.MAP_MASK]! & 0xf;
    if (memoryMode & MEMORY_MODE.CHAIN_4) {
      const at = address & limit;
      if (!(mapMask & (1 << (at & 3)))) return;
      this.#bytes[at] = value;
      this.#touch(at >> 2, 1 << (at & 3));
      return;
    }
    let planes = mapMask;
    let n = address;
    if (!(memoryMode & MEMORY_MODE.SEQUENTIAL)) {
      planes &= address & 1 ? ODD_PLANES : EVEN_PLANES;
      n = address >> 1;
    }
    n &= limit >> 2;
    const select = PLANES[planes]!;
    this.#words[n] = (this.#words[n]! & ~select) | (this.#compose(value) & select);
    this.#touch(n, planes);
  }

  /** Forgets the latches; video memory keeps its contents over a reset. */
  reset(): void {
    this.latches = 0;
    this.touchAll();
  }

  /** Everything may have changed (a restore, a clear). */
  touchAll(): void {
    this.written.fill(1);
    this.anyWritten = true;
    this.fontWritten = true;
  }

  /** The four bytes that a CPU write of `value` makes, before the map mask (write modes 0..3). */
  #compose(value: number): number {
    const gfx = this.gfx;
    const rotate = gfx[GFX.DATA_ROTATE]! & DATA_ROTATE.COUNT;
    let bitMask = gfx[GFX.BIT_MASK]!;
    let data: number;
    switch (gfx[GFX.MODE]! & GFX_MODE.WRITE_MODE) {
      case 0: {
        const enable = PLANES[gfx[GFX.ENABLE_SET_RESET]! & 0xf]!;
        data = (replicate(rotateRight(value, rotate)) & ~enable) | (PLANES[gfx[GFX.SET_RESET]! & 0xf]! & enable);
        break;
      }
      case 1:
        return this.latches;
      case 2:
        data = PLANES[value & 0xf]!;
        break;
      default:
        bitMask &= rotateRight(value, rotate);
        data = PLANES[gfx[GFX.SET_RESET]! & 0xf]!;
        break;
    }
    switch ((gfx[GFX.DATA_ROTATE]! >> DATA_ROTATE.FUNCTION_SHIFT) & DATA_ROTATE.FUNCTION) {
      case 1:
        data &= this.latches;
        break;
      case 2:
        data |= this.latches;
        break;
      case 3:
        data ^= this.latches;
        break;
      default:
        break;
    }
    const bits = replicate(bitMask);
    return (data & bits) | (this.latches & ~bits);
  }

  /** Read mode 1: a set bit for each pixel whose cared-for planes equal the colour compare register. */
  #compareColors(): number {
    const differing = (this.latches ^ PLANES[this.gfx[GFX.COLOR_COMPARE]! & 0xf]!) & PLANES[this.gfx[GFX.COLOR_DONT_CARE]! & 0xf]!;
    return ~(differing | (differing >>> 8) | (differing >>> 16) | (differing >>> 24)) & 0xff;
  }

  #touch(n: number, planes: number): void {
    this.written[n >> 10] = 1;
    this.anyWritten = true;
    if (planes & 4) this.fontWritten = true;
  }
}

const replicate = (byte: number): number => Math.imul(byte, 0x0101_0101);
const rotateRight = (byte: number, count: number): number => ((byte >> count) | (byte << (8 - count))) & 0xff;
