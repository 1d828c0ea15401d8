import { Emitter, type FunctionBody } from './emitter.js';
import { type ValueType, WasmType } from './opcodes.js';

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ImportedFunction extends Signature {
  readonly name: string;
}

export interface ModuleFunction extends Signature {
  readonly name: string;
  /** Locals beyond the parameters, by type in this order. */
  readonly locals: readonly (readonly [count: number, type: ValueType])[];
  readonly body: FunctionBody;
}

export interface ModuleSpec {
  readonly memory: { readonly minimumPages: number; readonly maximumPages: number };
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly ModuleFunction[];
  /** Indexes into `functions` that fill table 0, from entry 0. */
  readonly table: readonly number[];
  readonly exports: readonly string[];
  /** Exports table 0 as `table`, which may grow. */
  readonly exportsTable?: boolean;
}

const key = (signature: Signature): string => `${signature.parameters.join()}:${signature.results.join()}`;

/** Signatures in the order of their type indexes. */
export class TypeTable {
  readonly signatures: Signature[] = [];
  readonly #index = new Map<string, number>();

  indexOf(signature: Signature): number {
    const known = this.#index.get(key(signature));
    if (known !== undefined) return known;
    this.signatures.push(signature);
    this.#index.set(key(signature), this.signatures.length - 1);
    return this.signatures.length - 1;
  }
}

/** Assembles a module that imports `env.memory` (shared) and the functions of `env`. `types` must hold all signatures used in bodies. */
export function assembleModule(spec: ModuleSpec, types: TypeTable): Uint8Array<ArrayBuffer> {
  const e = new Emitter(
    spec.functions.reduce((sum, { body }) => sum + body.bytes.length + 8 * body.hints.length + 64, 0x1_0000 + 8 * spec.table.length),
  );
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) e.u8(byte);
  for (const each of [...spec.imports, ...spec.functions]) types.indexOf(each);
  section(e, 1, () => {
    e.u32(types.signatures.length);
    for (const { parameters, results } of types.signatures) {
      e.u8(0x60);
      e.u32(parameters.length);
      for (const type of parameters) e.type(type);
      e.u32(results.length);
      for (const type of results) e.type(type);
    }
  });
  section(e, 2, () => {
    e.u32(spec.imports.length + 1);
    e.text('env');
    e.text('memory');
    e.u8(2);
    e.u8(3); // shared, with a maximum
    e.u32(spec.memory.minimumPages);
    e.u32(spec.memory.maximumPages);
    for (const each of spec.imports) {
      e.text('env');
      e.text(each.name);
      e.u8(0);
      e.u32(types.indexOf(each));
    }
  });
  section(e, 3, () => {
    e.u32(spec.functions.length);
    for (const each of spec.functions) e.u32(types.indexOf(each));
  });
  if (spec.table.length > 0)
    section(e, 4, () => {
      e.u32(1);
      e.u8(WasmType.funcref);
      e.u8(0);
      e.u32(spec.table.length);
    });
  section(e, 7, () => {
    e.u32(spec.exports.length + Number(spec.exportsTable === true));
    if (spec.exportsTable) {
      e.text('table');
      e.u8(1);
      e.u32(0);
    }
    for (const name of spec.exports) {
      e.text(name);
      e.u8(0);
      e.u32(spec.imports.length + spec.functions.findIndex((each) => each.name === name));
    }
  });
  if (spec.table.length > 0)
    section(e, 9, () => {
      e.u32(1);
      e.u8(0);
      e.constant(0);
      e.u8(0x0b);
      e.u32(spec.table.length);
      for (const index of spec.table) e.u32(spec.imports.length + index);
    });
  writeBranchHints(e, spec);
  section(e, 10, () => {
    e.u32(spec.functions.length);
    for (const each of spec.functions) writeBody(e, each);
  });
  return e.bytes.slice(0, e.at);
}

function section(e: Emitter, id: number, body: () => void): void {
  e.u8(id);
  e.sized(body);
}

/** Custom section metadata.code.branch_hint (WebAssembly branch hinting, phase 4): engines that do not know it pass over it. */
function writeBranchHints(e: Emitter, { imports, functions }: ModuleSpec): void {
  const hinted = functions.filter(({ body }) => body.hints.length > 0);
  if (hinted.length === 0) return;
  section(e, 0, () => {
    e.text('metadata.code.branch_hint');
    e.u32(hinted.length);
    for (const each of hinted) {
      e.u32(imports.length + functions.indexOf(each));
      e.u32(each.body.hints.length);
      const first = localsBytes(each);
      for (const { at, isLikely } of each.body.hints) {
        e.u32(first + at);
        e.u32(1);
        e.u8(Number(isLikely));
      }
    }
  });
}

function writeBody(e: Emitter, each: ModuleFunction): void {
  e.sized(() => {
    writeLocals(e, each);
    const { bytes } = each.body;
    e.bytes.set(bytes, e.at);
    e.at += bytes.length;
    e.u8(0x0b);
  });
}

function writeLocals(e: Emitter, { locals }: ModuleFunction): void {
  const used = locals.filter(([count]) => count > 0);
  e.u32(used.length);
  for (const [count, type] of used) {
    e.u32(count);
    e.type(type);
  }
}
function localsBytes(each: ModuleFunction): number {
  const scratch = new Emitter(64);
  writeLocals(scratch, each);
  return scratch.at;
}
