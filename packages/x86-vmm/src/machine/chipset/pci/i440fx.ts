import type { AccessSize } from '../../../bus/device.js';
import type { Backing, PhysicalMap } from '../../../bus/guest-memory.js';
import { ConfigSpace } from './config-space.js';
import type { ConfigSpaceState, PciFunction } from './pci-function.js';
import { CLASS, I440FX, ID, PAM, SMRAM, SUBSYSTEM } from './registers.js';

/*
 * Intel 82441FX host bridge: the programmable attribute map, by which firmware shadows ROM in RAM between C0000 and FFFFF.
 * Source: 82441FX data sheet 290549, 3.2.18 (PAM) and 3.2.20 (SMRAM).
 * Left out: DRAM row boundaries and timing (stored, without effect), and system management RAM: SMRAM keeps its bits, the CPU has no
 * system management mode, so nothing is ever mapped by it.
 */

const PAGE = 0x1000;

/** The pieces in the order of PAM nibbles from PAM0's upper one on: F0000, then 16 KiB each from C0000. */
const PIECES = [
  { base: 0xf_0000, length: 0x1_0000 },
  ...Array.from({ length: 12 }, (_, i) => ({ base: 0xc_0000 + i * 0x4000, length: 0x4000 })),
];

/** ROM behind the page at a physical address between C0000 and FFFFF, if there is one. */
export type RomAt = (address: number) => Backing | undefined;

export class I440fx implements PciFunction {
  readonly name = 'i440fx';
  readonly #config = new ConfigSpace(
    {
      vendor: ID.INTEL,
      device: ID.I440FX,
      revision: 2,
      classCode: CLASS.HOST_BRIDGE,
      subsystemVendor: SUBSYSTEM.VENDOR,
      subsystem: SUBSYSTEM.DEVICE,
      command: 0x0006,
      status: 0x0280,
    },
    [],
    { base: 0, end: 0 },
  );
  /** Attributes of each piece as mapped; -1: not yet. */
  readonly #mapped = new Int8Array(PIECES.length).fill(-1);

  /** Maps C0000..FFFFF as after reset: reads from ROM, writes to nowhere. RAM below 1 MiB must be at its own address in region `ram`. */
  constructor(
    private readonly map: PhysicalMap,
    private readonly romAt: RomAt,
  ) {
    for (let offset = 0x50; offset <= 0x58; offset++) this.#config.define(offset, 1, 0, 0xff);
    for (let offset: number = I440FX.PAM_0; offset <= I440FX.PAM_6; offset++)
      this.#config.define(offset, 1, 0, offset === I440FX.PAM_0 ? 0x30 : 0x33);
    for (let offset = 0x60; offset <= 0x68; offset++) this.#config.define(offset, 1, 0, 0xff);
    this.#config.define(I440FX.SMRAM, 1, SMRAM.BASE_SEGMENT_A, SMRAM.WRITABLE);
    this.#applyPam();
  }

  readConfig(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }

  writeConfig(offset: number, size: AccessSize, value: number): void {
    const smram = this.#config.bytes[I440FX.SMRAM]!;
    this.#config.write(offset, size, value);
    // D_LCK freezes the register until reset, with D_OPEN off.
    if (smram & SMRAM.LOCKED) this.#config.bytes[I440FX.SMRAM] = smram;
    else if (this.#config.bytes[I440FX.SMRAM]! & SMRAM.LOCKED) this.#config.bytes[I440FX.SMRAM]! &= ~SMRAM.OPEN;
    this.#applyPam();
  }

  reset(): void {
    this.#config.reset();
    this.#applyPam();
  }

  save(): ConfigSpaceState {
    return this.#config.save();
  }

  restore(state: ConfigSpaceState): void {
    this.#config.restore(state);
    this.#mapped.fill(-1);
    this.#applyPam();
  }

  #applyPam(): void {
    PIECES.forEach((piece, i) => {
      const nibble = i + 1;
      const attributes = (this.#config.bytes[I440FX.PAM_0 + (nibble >> 1)]! >> (4 * (nibble & 1))) & 3;
      if (attributes === this.#mapped[i]) return;
      this.#mapped[i] = attributes;
      for (let base = piece.base; base < piece.base + piece.length; base += PAGE) this.#mapPage(base, attributes);
    });
  }

  #mapPage(base: number, attributes: number): void {
    const ram: Backing = { region: 'ram', offset: base };
    const read = attributes & PAM.READ_ENABLE ? ram : this.romAt(base);
    this.map.map(base, PAGE, read, attributes & PAM.WRITE_ENABLE ? ram : undefined);
  }
}
