import { setFlagsFromString } from 'node:v8';
import type { Row } from '../../cpu/decoder/encoding.js';
import type { Block, BlockCache, Translation } from '../../cpu/interpreter/block-cache.js';
import type { MemoryViews } from '../../cpu/interpreter/code-reader.js';
import { formOf, VARIANTS } from '../../cpu/interpreter/forms.js';
import { needsOf } from '../../cpu/interpreter/generate.js';
import type { Callees } from '../../cpu/interpreter/guest-builder.js';
import { EIP, MODE_KEY, ModeKey, REGION_EPOCH } from '../../cpu/state.js';
import { emitRegion, type RegionCode } from '../../cpu/translator/emit-region.js';
import { findRegion, type TargetsBySite } from '../../cpu/translator/find-region.js';
import { flagCarriesModule } from '../../cpu/translator/flag-rules.js';
import type { KnownForm } from '../../cpu/translator/region-builder.js';
import { Emitter } from '../../cpu/wasm/emitter.js';
import { assembleModule, type ImportedFunction, TypeTable } from '../../cpu/wasm/module.js';
import { RegionExits } from './region-exits.js';

export interface TranslatorParts {
  readonly memory: MemoryViews & { readonly memory: WebAssembly.Memory };
  readonly blocks: BlockCache;
  /** Exports of the interpreter (`table`, `lookup`, `check`, `execute`) and of the kernels, which regions import. */
  readonly interpreter: WebAssembly.Exports;
  readonly kernels: WebAssembly.Exports;
}

/** Samples that must meet a block in the interpreter before it is translated. */
const THRESHOLD = 2;
/** The same for a block that is inside a region already: a loop that is entered by itself after each slice should have an entry of its own. */
const THRESHOLD_INSIDE = 4;
/** Regions dropped because their code was written, by physical page: then its code stays with the interpreter, which repairs in place. */
const MOST_DROPS = 16;
const TABLE_STEP = 256;
/**
 * Bytes of a region's function that V8 executes in its quick compiler's code before it optimises it. Optimising takes some 1.5 us a byte and
 * the quick code some 0.5 ns a byte more: the budget at which a region that ends right then has cost twice what it had to. V8's own (1.8 MB,
 * 13 MB) is for pages that want to be fast at once and have cores to spare; see docs/adr/0019.
 */
const TIERING_BUDGET_BYTES = 200_000_000;
/** Regions compiled into one module, and samples that a candidate waits at most for others. */
const BATCH = 8;
const MOST_WAITS = 16;

/** Times that a region is made anew with more targets. */
const MOST_REMAKES = 3;

interface Candidate {
  readonly block: Block;
  readonly mode: number;
  readonly linear: number;
  /** Where its indirect jumps and returns lead, from an earlier region with the same head. */
  readonly targets: TargetsBySite;
  readonly remakes: number;
  /** Number of the region that this one takes the place of; 0: none. */
  readonly replaces: number;
}
const NO_TARGETS: TargetsBySite = new Map();

/** A region that is emitted and not yet installed. */
interface Made {
  readonly region: RegionCode;
  /** In REGION_EXITS. */
  readonly number: number;
  readonly candidate: Candidate;
  /** Records of first instructions apart from their blocks; they go with the region. */
  readonly copies: readonly number[];
}

/**
 * The translating tier: where samples of the instruction pointer fall often, the blocks around become a region, one WebAssembly function
 * that stands in the interpreter's table as the handler of its first block. Whoever gets to that block, by a link, the jump cache or a
 * return, runs the region; dropping it puts the block's own handler back.
 */
export class Translator {
  readonly #u32: Uint32Array;
  readonly #blocks: BlockCache;
  readonly #table: WebAssembly.Table;
  readonly #env: Record<string, WebAssembly.ImportValue>;
  readonly #emitter = new Emitter(1 << 18);
  readonly #scratch = new Emitter(1 << 16);
  readonly #forms = new Map<number, KnownForm>();
  readonly #samples = new Map<number, number>();
  readonly #drops = new Map<number, number>();
  readonly #free: number[] = [];
  readonly #firstHandler: number;
  readonly #exits: RegionExits;
  /** Regions by their number, while they are in use. */
  readonly #live = new Map<number, { readonly candidate: Candidate; readonly drop: () => void }>();
  #nextNumber = 1;
  #candidates: Candidate[] = [];
  #waits = 0;
  #resets = 0;
  /** Statistics. */
  regions = 0;
  remade = 0;
  modules = 0;
  bytes = 0;
  instructions = 0;
  failures = 0;
  emitMs = 0;
  compileMs = 0;

  constructor({ memory, blocks, interpreter, kernels }: TranslatorParts) {
    this.#u32 = memory.u32;
    this.#blocks = blocks;
    this.#table = interpreter['table'] as WebAssembly.Table;
    this.#firstHandler = this.#table.length;
    this.#exits = new RegionExits(memory);
    // V8 reads it when a module is made; the interpreter and the kernels are made by now and keep V8's own.
    setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET_BYTES}`);
    const flags = new WebAssembly.Instance(new WebAssembly.Module(flagCarriesModule()), { env: { memory: memory.memory } });
    this.#env = { ...kernels, ...interpreter, ...flags.exports, memory: memory.memory } as Record<string, WebAssembly.ImportValue>;
  }

  get live(): number {
    return this.#live.size;
  }

  /** Looks where the processor stands between two slices, `instructions` after the last look. True: in translated code. */
  sample(instructions: number): boolean {
    for (const number of this.#exits.read(instructions, (region) => this.#live.has(region))) this.#remake(number);
    const u32 = this.#u32;
    const mode = u32[MODE_KEY >> 2]!;
    if (!(mode & ModeKey.flatCode) || mode & ModeKey.singleStep) return false;
    if (this.#resets !== this.#blocks.resets) this.#forget();
    const linear = u32[EIP >> 2]!;
    const block = this.#blocks.known(mode, linear);
    if (block !== undefined) {
      if (u32[block.record >> 2]! >= this.#firstHandler) return true;
      const met = (this.#samples.get(block.record) ?? 0) + 1;
      this.#samples.set(block.record, met);
      if (met === (block.translations.length === 0 ? THRESHOLD : THRESHOLD_INSIDE))
        this.#candidates.push({ block, mode, linear, targets: NO_TARGETS, remakes: 0, replaces: 0 });
    }
    if (this.#candidates.length >= BATCH || (this.#candidates.length > 0 && ++this.#waits > MOST_WAITS)) this.#translate();
    return false;
  }

  /** Translates the block at CS:EIP, unless it is or cannot be. */
  translateNow(): void {
    const u32 = this.#u32;
    const mode = u32[MODE_KEY >> 2]!;
    if (!(mode & ModeKey.flatCode) || mode & ModeKey.singleStep) return;
    const linear = u32[EIP >> 2]!;
    const block = this.#blocks.known(mode, linear);
    if (block === undefined || u32[block.record >> 2]! >= this.#firstHandler) return;
    this.#drops.clear();
    this.#candidates.push({ block, mode, linear, targets: NO_TARGETS, remakes: 0, replaces: 0 });
    this.#translate();
  }

  /** A region that is often left to targets that it does not know becomes one that knows them. */
  #remake(number: number): void {
    const found = this.#exits.take(number);
    const known = this.#live.get(number);
    if (known === undefined || known.candidate.remakes === MOST_REMAKES) return;
    const { block, mode, linear, targets, remakes } = known.candidate;
    const all = new Map(targets);
    for (const [site, more] of found) all.set(site, [...new Set([...(targets.get(site) ?? []), ...more])]);
    const isNew = [...found].some(([site, more]) => more.some((target) => !targets.get(site)?.includes(target)));
    if (isNew) this.#candidates.push({ block, mode, linear, targets: all, remakes: remakes + 1, replaces: number });
  }

  #forget(): void {
    this.#resets = this.#blocks.resets;
    this.#samples.clear();
    // What a reset dropped was not written by the guest.
    this.#drops.clear();
    this.#candidates = [];
  }

  #translate(): void {
    const candidates = this.#candidates;
    this.#candidates = [];
    this.#waits = 0;
    const started = performance.now();
    const imports: ImportedFunction[] = [];
    const indexes = new Map<string, number>();
    const callees: Callees = {
      index(name, parameters, result) {
        let index = indexes.get(name);
        if (index === undefined) {
          index = imports.push({ name, parameters, results: result === 'none' ? [] : [result] }) - 1;
          indexes.set(name, index);
        }
        return index;
      },
    };
    const made: Made[] = [];
    for (const candidate of candidates) {
      if (made.some((each) => each.candidate.block === candidate.block)) continue;
      const region = this.#emit(candidate, `r${made.length}`, callees);
      if (region) made.push(region);
    }
    const emitted = performance.now();
    this.emitMs += emitted - started;
    if (made.length === 0) return;
    const bytes = assembleModule(
      {
        memory: { minimumPages: 1024, maximumPages: 65_536 },
        imports,
        functions: made.map(({ region }) => region.code),
        table: [],
        exports: made.map(({ region }) => region.code.name),
      },
      new TypeTable(),
    );
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: this.#env });
      for (const each of made) this.#install(each, exports[each.region.code.name] as () => number);
    } catch (cause) {
      return this.#stayInterpreted(cause);
    }
    this.modules++;
    this.bytes += bytes.length;
    this.compileMs += performance.now() - emitted;
  }

  #emit(candidate: Candidate, name: string, callees: Callees): Made | undefined {
    const { block, mode, linear, targets, replaces } = candidate;
    const replaced = this.#live.get(replaces);
    if (replaces !== 0 && replaced === undefined) return undefined;
    if (this.#blocks.known(mode, linear) !== block) {
      // Another address space is on, perhaps: it may come up again.
      this.#samples.delete(block.record);
      return undefined;
    }
    if (replaced === undefined && this.#u32[block.record >> 2]! >= this.#firstHandler) return undefined;
    if ((this.#drops.get(block.start >>> 12) ?? 0) > MOST_DROPS) return undefined;
    const shape = findRegion(this.#blocks, mode, linear, targets);
    if (shape === undefined) return undefined;
    // Of each block: its edges, the edges of a branch that leaves, a copy of its first record.
    const most = shape.successors.reduce((sum, to) => sum + to.length + 5, 16);
    if (!this.#blocks.hasRoom(most)) return undefined;
    if (replaced) {
      replaced.drop();
      this.remade++;
    }
    const edges = new Map<string, number>();
    const copies: number[] = [];
    const records = {
      edgeTo: (to: number, codeBase: number): number => {
        const key = `${codeBase} ${to}`;
        let record = edges.get(key);
        if (record === undefined) {
          record = this.#blocks.edgeRecord(codeBase, to);
          edges.set(key, record);
        }
        return record;
      },
      withoutRegion: (each: Block): number | undefined => {
        if (this.#u32[each.record >> 2]! >= this.#firstHandler) return undefined;
        const record = this.#blocks.withoutTranslation(each);
        copies.push(record);
        return record;
      },
    };
    try {
      const number = this.#nextNumber++;
      const forms = (row: Row, variant: number): KnownForm => this.#form(row, variant);
      const region = emitRegion(name, shape, mode, records, this.#emitter, callees, forms, number);
      return { region, number, candidate, copies };
    } catch (cause) {
      this.#stayInterpreted(cause);
      return undefined;
    }
  }

  /** A defect of ours, or V8 refuses the module: the guest goes on in the interpreter, and the log says so once. */
  #stayInterpreted(cause: unknown): void {
    if (this.failures++ === 0)
      process.emitWarning(`code could not be translated and is interpreted: ${cause instanceof Error ? cause.message : cause}`);
  }

  #form(row: Row, variant: number): KnownForm {
    const key = row.id * VARIANTS + variant;
    let known = this.#forms.get(key);
    if (!known) {
      const form = formOf(row, variant)!;
      known = { form, needs: needsOf(form, this.#scratch) };
      this.#forms.set(key, known);
    }
    return known;
  }

  #install({ candidate, number, region: { blocks, instructions }, copies }: Made, code: () => number): void {
    const u32 = this.#u32;
    const head = candidate.block;
    let handler = this.#free.pop();
    if (handler === undefined) {
      handler = this.#table.grow(TABLE_STEP);
      for (let i = TABLE_STEP - 1; i > 0; i--) this.#free.push(handler + i);
    }
    this.#table.set(handler, code);
    const slot = head.record >> 2;
    const original = u32[slot]!;
    const installed = handler;
    const drop = (): void => {
      if (!this.#live.delete(number)) return;
      if (u32[slot] === installed) u32[slot] = original;
      for (const copy of copies) this.#blocks.withdraw(copy);
      for (const { block } of blocks) block.translations = block.translations.filter((each) => each !== translation);
      u32[REGION_EPOCH >> 2]!++;
      this.#table.set(installed, null);
      this.#free.push(installed);
      this.#exits.forget(number);
      this.#samples.delete(head.record);
    };
    const translation: Translation = {
      drop: () => {
        const page = head.start >>> 12;
        this.#drops.set(page, (this.#drops.get(page) ?? 0) + 1);
        drop();
      },
    };
    for (const { block } of blocks) block.translations.push(translation);
    u32[slot] = installed;
    this.regions++;
    this.#live.set(number, { candidate, drop });
    this.instructions += instructions;
  }
}
