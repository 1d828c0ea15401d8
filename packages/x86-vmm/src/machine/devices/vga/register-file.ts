import { Dac, type DacState } from './dac.js';
import {
  ATTR,
  ATTR_COUNT,
  ATTR_INDEX,
  CRTC,
  CRTC_COUNT,
  GFX,
  GFX_COUNT,
  MISC,
  OVERFLOW,
  PORT,
  RETRACE_END,
  SEQ,
  SEQ_COUNT,
  STATUS_0,
} from './registers.js';

/*
 * The VGA's programmable registers and the index/data protocol of their ports. What they mean is in layout.ts, palette.ts and
 * plane-memory.ts. Source: IBM VGA technical reference; FreeVGA register reference.
 */

/** What a register write may have changed, as bits. */
export const CHANGE = { LAYOUT: 1, PALETTE: 2, WINDOW: 4 } as const;

const SEQ_WRITABLE = [0x03, 0x3d, 0x0f, 0x3f, 0x0e] as const;
const GFX_WRITABLE = [0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff] as const;
const SEQ_CHANGES: readonly number[] = [0, CHANGE.LAYOUT | CHANGE.PALETTE, CHANGE.WINDOW, CHANGE.LAYOUT, CHANGE.WINDOW | CHANGE.LAYOUT];
/** CRTC registers that only place the text cursor. */
const CURSOR_REGISTERS: readonly number[] = [CRTC.CURSOR_START, CRTC.CURSOR_END, CRTC.CURSOR_HIGH, CRTC.CURSOR_LOW];

export interface RegisterFileState {
  readonly version: 1;
  readonly seq: Uint8Array;
  readonly crtc: Uint8Array;
  readonly gfx: Uint8Array;
  readonly attr: Uint8Array;
  readonly misc: number;
  readonly feature: number;
  readonly enable: number;
  readonly seqIndex: number;
  readonly crtcIndex: number;
  readonly gfxIndex: number;
  readonly attrIndex: number;
  readonly attrExpectsData: boolean;
  readonly dac: DacState;
}

export class RegisterFile {
  readonly seq = new Uint8Array(SEQ_COUNT);
  readonly crtc = new Uint8Array(CRTC_COUNT);
  readonly gfx = new Uint8Array(GFX_COUNT);
  readonly attr = new Uint8Array(ATTR_COUNT);
  readonly dac = new Dac();
  misc = 0;
  #feature = 0;
  #enable = 1;
  #seqIndex = 0;
  #crtcIndex = 0;
  #gfxIndex = 0;
  /** Index with the palette address source bit, as written. */
  #attrIndex = 0;
  /** The attribute controller's flip-flop: the next write to 3C0 is data. */
  #attrExpectsData = false;

  /**
   * @param status1 what 3BA/3DA reads as now (timing.ts)
   * @param changed called after a write with bits of `CHANGE`
   */
  constructor(
    private readonly status1: () => number,
    private readonly changed: (what: number) => void,
  ) {}

  /** The attribute controller shows the picture and not the overscan colour. */
  get showing(): boolean {
    return (this.#attrIndex & ATTR_INDEX.PALETTE_ADDRESS_SOURCE) !== 0;
  }

  /** @param port 3B4, 3B5, 3BA, 3C0..3CF, 3D4, 3D5 or 3DA */
  read(port: number): number {
    if (this.#isOtherEmulation(port)) return 0xff;
    switch (port) {
      case PORT.ATTRIBUTE:
        return this.#attrExpectsData ? 0 : this.#attrIndex;
      case PORT.ATTRIBUTE_READ:
        return this.attr[this.#attrIndex & ATTR_INDEX.REGISTER] ?? 0;
      case PORT.MISC_WRITE:
        return STATUS_0.SWITCH_SENSE;
      case PORT.ENABLE:
        return this.#enable;
      case PORT.SEQUENCER_INDEX:
        return this.#seqIndex;
      case PORT.SEQUENCER_DATA:
        return this.seq[this.#seqIndex] ?? 0;
      case PORT.DAC_MASK:
        return this.dac.mask;
      case PORT.DAC_READ_INDEX:
        return this.dac.state;
      case PORT.DAC_WRITE_INDEX:
        return this.dac.writeIndex;
      case PORT.DAC_DATA:
        return this.dac.readData();
      case PORT.FEATURE_READ:
        return this.#feature;
      case PORT.MISC_READ:
        return this.misc;
      case PORT.GRAPHICS_INDEX:
        return this.#gfxIndex;
      case PORT.GRAPHICS_DATA:
        return this.gfx[this.#gfxIndex] ?? 0;
      case PORT.CRTC_INDEX_MONO:
      case PORT.CRTC_INDEX_COLOR:
        return this.#crtcIndex;
      case PORT.CRTC_INDEX_MONO + 1:
      case PORT.CRTC_INDEX_COLOR + 1:
        return this.crtc[this.#crtcIndex] ?? 0;
      case PORT.STATUS_1_MONO:
      case PORT.STATUS_1_COLOR:
        this.#attrExpectsData = false;
        return this.status1();
      default:
        return 0xff;
    }
  }

  write(port: number, value: number): void {
    if (this.#isOtherEmulation(port)) return;
    switch (port) {
      case PORT.ATTRIBUTE:
        this.#writeAttribute(value);
        break;
      case PORT.MISC_WRITE:
        this.misc = value;
        this.changed(CHANGE.LAYOUT | CHANGE.WINDOW);
        break;
      case PORT.ENABLE:
        this.#enable = value & 1;
        break;
      case PORT.SEQUENCER_INDEX:
        this.#seqIndex = value & 7;
        break;
      case PORT.SEQUENCER_DATA:
        this.#writeSequencer(value);
        break;
      case PORT.DAC_MASK:
        this.dac.mask = value;
        this.changed(CHANGE.PALETTE);
        break;
      case PORT.DAC_READ_INDEX:
        this.dac.setReadIndex(value);
        break;
      case PORT.DAC_WRITE_INDEX:
        this.dac.setWriteIndex(value);
        break;
      case PORT.DAC_DATA:
        this.dac.writeData(value);
        this.changed(CHANGE.PALETTE);
        break;
      case PORT.GRAPHICS_INDEX:
        this.#gfxIndex = value & 0xf;
        break;
      case PORT.GRAPHICS_DATA:
        this.#writeGraphics(value);
        break;
      case PORT.CRTC_INDEX_MONO:
      case PORT.CRTC_INDEX_COLOR:
        this.#crtcIndex = value & 0x1f;
        break;
      case PORT.CRTC_INDEX_MONO + 1:
      case PORT.CRTC_INDEX_COLOR + 1:
        this.#writeCrtc(value);
        break;
      case PORT.STATUS_1_MONO:
      case PORT.STATUS_1_COLOR:
        this.#feature = value;
        break;
      default:
        break;
    }
  }

  reset(): void {
    this.seq.fill(0);
    this.crtc.fill(0);
    this.gfx.fill(0);
    this.attr.fill(0);
    this.dac.reset();
    this.misc = MISC.COLOR | MISC.RAM_ENABLE;
    this.#feature = 0;
    this.#enable = 1;
    this.#seqIndex = this.#crtcIndex = this.#gfxIndex = this.#attrIndex = 0;
    this.#attrExpectsData = false;
    this.changed(CHANGE.LAYOUT | CHANGE.PALETTE | CHANGE.WINDOW);
  }

  save(): RegisterFileState {
    return {
      version: 1,
      seq: this.seq.slice(),
      crtc: this.crtc.slice(),
      gfx: this.gfx.slice(),
      attr: this.attr.slice(),
      misc: this.misc,
      feature: this.#feature,
      enable: this.#enable,
      seqIndex: this.#seqIndex,
      crtcIndex: this.#crtcIndex,
      gfxIndex: this.#gfxIndex,
      attrIndex: this.#attrIndex,
      attrExpectsData: this.#attrExpectsData,
      dac: this.dac.save(),
    };
  }

  restore(state: RegisterFileState): void {
    this.seq.set(state.seq);
    this.crtc.set(state.crtc);
    this.gfx.set(state.gfx);
    this.attr.set(state.attr);
    this.misc = state.misc;
    this.#feature = state.feature;
    this.#enable = state.enable;
    this.#seqIndex = state.seqIndex;
    this.#crtcIndex = state.crtcIndex;
    this.#gfxIndex = state.gfxIndex;
    this.#attrIndex = state.attrIndex;
    this.#attrExpectsData = state.attrExpectsData;
    this.dac.restore(state.dac);
    this.changed(CHANGE.LAYOUT | CHANGE.PALETTE | CHANGE.WINDOW);
  }

  /** CRTC and status 1 exist once; which of their two addresses answers is a bit of the miscellaneous output register. */
  #isOtherEmulation(port: number): boolean {
    return this.misc & MISC.COLOR ? port < PORT.ATTRIBUTE : port >= PORT.CRTC_INDEX_COLOR;
  }

  #writeAttribute(value: number): void {
    const expectsData = this.#attrExpectsData;
    this.#attrExpectsData = !expectsData;
    if (!expectsData) {
      const was = this.showing;
      this.#attrIndex = value & (ATTR_INDEX.REGISTER | ATTR_INDEX.PALETTE_ADDRESS_SOURCE);
      if (this.showing !== was) this.changed(CHANGE.LAYOUT);
      return;
    }
    const index = this.#attrIndex & ATTR_INDEX.REGISTER;
    if (index >= ATTR_COUNT) return;
    const stored = index < ATTR.MODE || index === ATTR.PLANE_ENABLE ? value & 0x3f : index > ATTR.PLANE_ENABLE ? value & 0x0f : value;
    if (this.attr[index] === stored) return;
    this.attr[index] = stored;
    if (index === ATTR.OVERSCAN) return;
    this.changed(index === ATTR.PIXEL_PANNING ? CHANGE.LAYOUT : index === ATTR.MODE ? CHANGE.LAYOUT | CHANGE.PALETTE : CHANGE.PALETTE);
  }

  #writeSequencer(value: number): void {
    const index = this.#seqIndex;
    if (index >= SEQ_COUNT) return;
    const stored = value & SEQ_WRITABLE[index]!;
    if (this.seq[index] === stored) return;
    this.seq[index] = stored;
    if (index !== SEQ.RESET) this.changed(SEQ_CHANGES[index]!);
  }

  #writeGraphics(value: number): void {
    const index = this.#gfxIndex;
    if (index >= GFX_COUNT) return;
    const stored = value & GFX_WRITABLE[index]!;
    if (this.gfx[index] === stored) return;
    this.gfx[index] = stored;
    if (index === GFX.MODE || index === GFX.MISCELLANEOUS) this.changed(CHANGE.LAYOUT | CHANGE.WINDOW);
  }

  #writeCrtc(value: number): void {
    const index = this.#crtcIndex;
    if (index >= CRTC_COUNT) return;
    let stored = value;
    if (index <= CRTC.OVERFLOW && this.crtc[CRTC.VERTICAL_RETRACE_END]! & RETRACE_END.PROTECT) {
      if (index !== CRTC.OVERFLOW) return;
      stored = (this.crtc[index]! & ~OVERFLOW.LINE_COMPARE_8) | (value & OVERFLOW.LINE_COMPARE_8);
    }
    if (this.crtc[index] === stored) return;
    this.crtc[index] = stored;
    if (!CURSOR_REGISTERS.includes(index)) this.changed(CHANGE.LAYOUT);
  }
}
