/*
 * The VGA's colour look-up table: 256 entries of three 6-bit components, or 8-bit ones when the Bochs interface widened it.
 * Source: IBM VGA technical reference, "Video Digital-to-Analog Converter"; INMOS IMSG171 data sheet for the state register.
 */

export interface DacState {
  readonly version: 1;
  readonly components: Uint8Array;
  readonly mask: number;
  readonly readIndex: number;
  readonly writeIndex: number;
  readonly component: number;
  readonly reading: boolean;
}

export class Dac {
  /** Components as written: red, green, blue per entry. */
  readonly #components = new Uint8Array(768);
  #mask = 0xff;
  #readIndex = 0;
  #writeIndex = 0;
  /** Next component of the entry under way: 0 red, 1 green, 2 blue. */
  #component = 0;
  #reading = false;
  /** Components are 8 bits wide (DISPI_ENABLE.DAC_8_BIT). */
  wide = false;

  get mask(): number {
    return this.#mask;
  }

  set mask(value: number) {
    this.#mask = value & 0xff;
  }

  get writeIndex(): number {
    return this.#writeIndex;
  }

  /** 3 after a read index was set, 0 after a write index. */
  get state(): number {
    return this.#reading ? 3 : 0;
  }

  setReadIndex(index: number): void {
    this.#readIndex = index & 0xff;
    this.#component = 0;
    this.#reading = true;
  }

  setWriteIndex(index: number): void {
    this.#writeIndex = index & 0xff;
    this.#component = 0;
    this.#reading = false;
  }

  readData(): number {
    const value = this.#components[this.#readIndex * 3 + this.#component]!;
    if (++this.#component === 3) {
      this.#component = 0;
      this.#readIndex = (this.#readIndex + 1) & 0xff;
    }
    return value;
  }

  writeData(value: number): void {
    this.#components[this.#writeIndex * 3 + this.#component] = this.wide ? value : value & 0x3f;
    if (++this.#component === 3) {
      this.#component = 0;
      this.#writeIndex = (this.#writeIndex + 1) & 0xff;
    }
  }

  /** The pixel 0xffRRGGBB of an entry, the mask applied to its index. 6-bit components are widened so that 3f becomes ff. */
  pixel(index: number): number {
    const at = (index & this.#mask) * 3;
    const red = this.#widen(this.#components[at]!);
    const green = this.#widen(this.#components[at + 1]!);
    const blue = this.#widen(this.#components[at + 2]!);
    return (0xff00_0000 | (red << 16) | (green << 8) | blue) >>> 0;
  }

  reset(): void {
    this.#components.fill(0);
    this.#mask = 0xff;
    this.#readIndex = this.#writeIndex = this.#component = 0;
    this.#reading = false;
    this.wide = false;
  }

  save(): DacState {
    return {
      version: 1,
      components: this.#components.slice(),
      mask: this.#mask,
      readIndex: this.#readIndex,
      writeIndex: this.#writeIndex,
      component: this.#component,
      reading: this.#reading,
    };
  }

  restore(state: DacState): void {
    this.#components.set(state.components);
    this.#mask = state.mask;
    this.#readIndex = state.readIndex;
    this.#writeIndex = state.writeIndex;
    this.#component = state.component;
    this.#reading = state.reading;
  }

  #widen(component: number): number {
    return this.wide ? component : ((component << 2) | (component >> 4)) & 0xff;
  }
}
