import { readFileSync } from 'node:fs';
import {
  CR,
  FPU_ATTENTION,
  FPU_CONTROL,
  FPU_EMPTY,
  FPU_FERR,
  FPU_REGISTERS,
  FPU_STATUS,
  SCRATCH,
} from '../../../packages/x86-vmm/src/cpu/state.js';
import { ROW_MEMORY } from './x87-oracle.js';

export type Kernel = (...args: (number | bigint)[]) => number | bigint | undefined;
export type Kernels = Record<string, Kernel>;

/** The x87 part of a machine's state: rows go in and out in the oracle's form. */
export class X87State {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory) {
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** FRSTOR of a row's image. */
  load(row: Buffer): void {
    const view = this.#view;
    const status = row.readUInt16LE(4);
    const tags = row.readUInt16LE(8);
    const top = (status >> 11) & 7;
    view.setUint32(CR, 0x20, true);
    view.setUint32(FPU_FERR, 0, true);
    view.setUint32(FPU_ATTENTION, 0, true);
    view.setUint32(FPU_CONTROL, row.readUInt16LE(0), true);
    view.setUint32(FPU_STATUS, status, true);
    let empty = 0;
    for (let i = 0; i < 8; i++) {
      if (((tags >> (2 * i)) & 3) === 3) empty |= 1 << i;
      const at = FPU_REGISTERS + 16 * ((top + i) & 7);
      this.#bytes.set(row.subarray(28 + 10 * i, 38 + 10 * i), at);
    }
    view.setUint32(FPU_EMPTY, empty, true);
  }

  /** FNSAVE's image, as far as it is compared: control, status, empty tags as 3 or 0, registers. */
  save(answer: Buffer, row: Buffer): void {
    const view = this.#view;
    answer.fill(0);
    row.copy(answer, ROW_MEMORY, ROW_MEMORY, ROW_MEMORY + 16);
    const status = view.getUint32(FPU_STATUS, true);
    const top = (status >> 11) & 7;
    const empty = view.getUint32(FPU_EMPTY, true);
    answer.writeUInt16LE(view.getUint32(FPU_CONTROL, true), 0);
    answer.writeUInt16LE(status, 4);
    let tags = 0;
    for (let i = 0; i < 8; i++) {
      if ((empty >> i) & 1) tags |= 3 << (2 * i);
      const at = FPU_REGISTERS + 16 * ((top + i) & 7);
      answer.set(this.#bytes.subarray(at, at + 10), 28 + 10 * i);
    }
    answer.writeUInt16LE(tags, 8);
  }

  scratch(): number {
    return this.#view.getUint32(SCRATCH, true);
  }
  get ferr(): number {
    return this.#view.getUint32(FPU_FERR, true);
  }
  get attention(): number {
    return this.#view.getUint32(FPU_ATTENTION, true);
  }
}

/** The kernels' WebAssembly module with a machine's state and nothing else. */
export class X87Machine extends X87State {
  readonly kernels: Kernels;

  constructor(wasm: URL) {
    const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true });
    const module = new WebAssembly.Module(readFileSync(wasm));
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      const group = imports[from];
      if (kind === 'memory') group[name] = memory;
      else if (kind === 'function')
        group[name] = () => {
          throw new Error(`${from}.${name} called`);
        };
    }
    super(memory);
    this.kernels = new WebAssembly.Instance(module, imports).exports as Kernels;
  }
}
