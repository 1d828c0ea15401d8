import { AssemblyError, type SourceLine } from './assembly-error.js';
import { encode, SEGMENT_PREFIXES } from './encode.js';
import { ExpressionReader, type Scope, type Value } from './expression.js';
import { withImpliedOperands } from './implied-operands.js';
import { type Token, tokenize } from './lexer.js';
import { readOperand, registerNamed } from './operand.js';
import { type Include, preprocess } from './preprocess.js';
import { rowsOf } from './rows.js';

export interface AssemblyOptions {
  /** Name of the source in error messages. */
  readonly file: string;
  readonly include?: Include;
  /** Code size before the first `bits`. */
  readonly bits?: 16 | 32;
}

export interface Assembly {
  readonly bytes: Uint8Array;
  /** Labels and `equ` symbols by name. */
  readonly symbols: ReadonlyMap<string, number>;
}

/** Sizes settle within a few passes; more is a source whose sizes depend on themselves. */
const MAX_PASSES = 50;
/** Lines of the preprocessor and repetitions by `times` in one pass: some seconds of work. */
const MAX_STATEMENTS = 1 << 18;
/** 16 MiB: bounds what a `times` can ask for. */
const MAX_BYTES = 1 << 24;

/** Assembles a flat image from NASM syntax (the subset of the package's README). @throws AssemblyError */
export function assemble(source: string, options: AssemblyOptions): Assembly {
  const none: Include = (name) => {
    throw new Error(`there is no file ${name}`);
  };
  const lines = preprocess(options.file, source, options.include ?? none).map((line) => new Statement(line));
  const near = new Set<Statement>();
  let before: Layout = { symbols: new Map(), positions: new Map() };
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const run = new Pass(lines, before, near, options.bits ?? 16, pass === 1);
    run.go();
    const settled = pass > 1 && sameSymbols(before.symbols, run.symbols);
    before = run;
    if (!settled) continue;
    const last = new Pass(lines, before, near, options.bits ?? 16, false);
    last.go();
    if (!sameSymbols(before.symbols, last.symbols)) continue;
    return { bytes: last.image(), symbols: new Map(Array.from(last.symbols, ([name, { value }]) => [name, Number(value)])) };
  }
  throw new AssemblyError(options.file, 1, 'the sizes of this source do not settle');
}

function sameSymbols(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, { value }] of a) if (b.get(name)?.value !== value) return false;
  return true;
}

/** A line taken apart once: label, then words. */
class Statement {
  readonly label: string | undefined;
  readonly tokens: readonly Token[];

  constructor(readonly line: SourceLine) {
    let tokens: Token[];
    try {
      tokens = tokenize(line.text);
    } catch (error) {
      throw new AssemblyError(line.file, line.line, (error as Error).message);
    }
    const [first, second] = tokens;
    const colon = second?.kind === 'operator' && second.text === ':';
    const isLabel =
      first?.kind === 'identifier' &&
      (colon ||
        (second?.kind === 'identifier' && !isKeyword(first.text) && isDirective(second.text)) ||
        (tokens.length === 1 && !isKeyword(first.text)));
    this.label = isLabel ? first.text : undefined;
    this.tokens = isLabel ? tokens.slice(colon ? 2 : 1) : tokens;
  }
}

const DATA_BYTES: Readonly<Record<string, number>> = { db: 1, dw: 2, dd: 4, dq: 8 };
const RESERVE_BYTES: Readonly<Record<string, number>> = { resb: 1, resw: 2, resd: 4, resq: 8 };
const DIRECTIVES = new Set([
  ...Object.keys(DATA_BYTES),
  ...Object.keys(RESERVE_BYTES),
  'equ',
  'times',
  'align',
  'bits',
  'org',
  'section',
  'cpu',
  'default',
  'global',
]);
const PREFIXES: Readonly<Record<string, number>> = { lock: 0xf0, rep: 0xf3, repe: 0xf3, repz: 0xf3, repne: 0xf2, repnz: 0xf2 };
const SIZE_PREFIXES: Readonly<Record<string, { readonly operandSize?: 16 | 32; readonly addressSize?: 16 | 32 }>> = {
  o16: { operandSize: 16 },
  o32: { operandSize: 32 },
  a16: { addressSize: 16 },
  a32: { addressSize: 32 },
};

const isDirective = (word: string): boolean => DIRECTIVES.has(word.toLowerCase());
const isKeyword = (word: string): boolean => {
  const lower = word.toLowerCase();
  return (
    DIRECTIVES.has(lower) ||
    lower in PREFIXES ||
    lower in SIZE_PREFIXES ||
    rowsOf(lower) !== undefined ||
    registerNamed(lower)?.group === 'segment'
  );
};

/** Where a walk over the source has put everything. */
interface Layout {
  readonly symbols: ReadonlyMap<string, Value>;
  /** Address of each statement. */
  readonly positions: ReadonlyMap<Statement, bigint>;
}

/** One walk over the source with the layout of the walk before. */
class Pass implements Layout {
  readonly symbols = new Map<string, Value>();
  readonly positions = new Map<Statement, bigint>();
  readonly #bytes: number[] = [];
  #executed = 0;
  #origin = 0n;
  #parent = '';
  #statement!: Statement;

  constructor(
    private readonly statements: readonly Statement[],
    private readonly before: Layout,
    private readonly near: Set<Statement>,
    private bits: 16 | 32,
    private readonly draft: boolean,
  ) {}

  go(): void {
    for (const statement of this.statements) {
      this.#statement = statement;
      this.positions.set(statement, this.#here);
      try {
        this.#run(statement);
      } catch (error) {
        if (error instanceof AssemblyError) throw error;
        throw new AssemblyError(statement.line.file, statement.line.line, (error as Error).message);
      }
    }
  }

  image(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  get #here(): bigint {
    return this.#origin + BigInt(this.#bytes.length);
  }

  #scopeAt(here: bigint): Scope {
    return { here, start: this.#origin, lookup: (name) => this.#lookup(name) };
  }

  #lookup(name: string): Value | undefined {
    const full = this.#fullName(name);
    const value = this.symbols.get(full);
    if (value) return value;
    const old = this.before.symbols.get(full);
    // A label that lies ahead has moved as far as this statement has, as far as one can know.
    if (old) return { ...old, value: old.value + BigInt(old.labels) * this.#drift() };
    return this.draft ? { value: this.#here, labels: 0, known: false } : undefined;
  }

  #drift(): bigint {
    const here = this.positions.get(this.#statement) ?? 0n;
    return here - (this.before.positions.get(this.#statement) ?? here);
  }

  #fullName(name: string): string {
    return name.startsWith('.') && !name.startsWith('..') ? `${this.#parent}${name}` : name;
  }

  #run(statement: Statement): void {
    const [first] = statement.tokens;
    const isEqu = first?.kind === 'identifier' && first.text.toLowerCase() === 'equ';
    if (statement.label !== undefined) {
      if (!statement.label.startsWith('.') && !isEqu) this.#parent = statement.label.startsWith('..') ? this.#parent : statement.label;
      const value = isEqu ? this.#value(statement.tokens.slice(1)) : { value: this.#here, labels: 1, known: true };
      this.#define(this.#fullName(statement.label), value);
    }
    if (!isEqu && statement.tokens.length > 0) this.#execute(statement.tokens);
  }

  #define(name: string, value: Value): void {
    if (this.symbols.has(name)) throw new Error(`${name} is defined twice`);
    this.symbols.set(name, value);
  }

  #execute(tokens: readonly Token[]): void {
    if (++this.#executed > MAX_STATEMENTS) throw new Error(`more than ${MAX_STATEMENTS} statements, repetitions included`);
    const [first] = tokens;
    if (first?.kind === 'operator' && first.text === '[') return this.#execute(tokens.slice(1, -1));
    if (first?.kind !== 'identifier') throw new Error('an instruction or directive should be here');
    const word = first.text.toLowerCase();
    const rest = tokens.slice(1);
    if (word in DATA_BYTES) return this.#data(rest, DATA_BYTES[word]!);
    if (word in RESERVE_BYTES) return this.#fill(Number(this.#value(rest).value) * RESERVE_BYTES[word]!, 0);
    switch (word) {
      case 'bits': {
        const bits = Number(this.#value(rest).value);
        if (bits !== 16 && bits !== 32) throw new Error('bits is 16 or 32');
        this.bits = bits;
        return;
      }
      case 'org':
        this.#origin = this.#value(rest).value;
        return;
      case 'align':
        return this.#align(rest);
      case 'times':
        return this.#times(rest);
      case 'section':
      case 'cpu':
      case 'default':
      case 'global':
        return;
      default:
        return this.#instruction(tokens);
    }
  }

  #value(tokens: readonly Token[]): Value {
    const reader = new ExpressionReader(tokens, this.#scopeAt(this.#here));
    const value = reader.read();
    if (reader.at !== tokens.length) throw new Error('something follows the expression');
    return value;
  }

  #data(tokens: readonly Token[], size: number): void {
    const here = this.#here;
    for (const item of splitAtCommas(tokens)) {
      const [only] = item;
      if (item.length === 1 && only?.kind === 'string') {
        for (const character of only.text) this.#put(character.charCodeAt(0) & 0xff);
        this.#fill((size - (only.text.length % size)) % size, 0);
        continue;
      }
      const reader = new ExpressionReader(item, this.#scopeAt(here));
      const { value, known } = reader.read();
      if (reader.at !== item.length) throw new Error('something follows the value');
      const bits = BigInt(size * 8);
      if (known && !this.draft && (value < -(1n << (bits - 1n)) || value >= 1n << bits))
        throw new Error(`${value} does not fit into ${size} bytes`);
      for (let i = 0; i < size; i++) this.#put(Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn));
    }
  }

  #align(tokens: readonly Token[]): void {
    const [size, filler] = splitAtCommas(tokens);
    const boundary = Number(this.#value(size ?? []).value);
    if (boundary <= 0 || (boundary & (boundary - 1)) !== 0) throw new Error('align takes a power of two');
    const missing = (boundary - (this.#bytes.length % boundary)) % boundary;
    if (filler === undefined) this.#fill(missing, 0x90);
    else for (const end = this.#bytes.length + missing; this.#bytes.length < end; ) this.#execute(filler);
  }

  #times(tokens: readonly Token[]): void {
    const reader = new ExpressionReader(tokens, this.#scopeAt(this.#here));
    const { value, known } = reader.read();
    const count = Number(value);
    if (count < 0 && known && !this.draft) throw new Error(`times ${count}: there is no room left`);
    if (count > MAX_BYTES) throw new Error(`times ${count} is more than 16 MiB`);
    const rest = tokens.slice(reader.at);
    const start = this.#bytes.length;
    for (let i = 0; i < count && (known || i < 1); i++) {
      this.#execute(rest);
      // Data without `$` are the same each time.
      if (i === 0 && known && isConstantData(rest)) return this.#repeat(this.#bytes.slice(start), count - 1);
    }
  }

  #repeat(bytes: readonly number[], count: number): void {
    if (this.#bytes.length + bytes.length * count > MAX_BYTES) throw new Error('the image is larger than 16 MiB');
    for (let i = 0; i < count; i++) this.#bytes.push(...bytes);
  }

  #fill(count: number, byte: number): void {
    if (count < 0 || count > MAX_BYTES) throw new Error(`${count} bytes cannot be reserved`);
    for (let i = 0; i < count; i++) this.#put(byte);
  }

  #instruction(tokens: readonly Token[]): void {
    const prefixes: number[] = [];
    let sizes: { operandSize?: 16 | 32; addressSize?: 16 | 32 } = {};
    let at = 0;
    for (; tokens[at]?.kind === 'identifier'; at++) {
      const word = (tokens[at] as { text: string }).text.toLowerCase();
      const segment = registerNamed(word);
      if (word in PREFIXES) prefixes.push(PREFIXES[word]!);
      else if (word in SIZE_PREFIXES) sizes = { ...sizes, ...SIZE_PREFIXES[word] };
      else if (segment?.group === 'segment') prefixes.push(SEGMENT_PREFIXES[segment.index]!);
      else break;
    }
    const mnemonic = tokens[at];
    if (mnemonic === undefined) {
      for (const prefix of prefixes) this.#put(prefix);
      return;
    }
    const rows = mnemonic.kind === 'identifier' ? rowsOf(mnemonic.text) : undefined;
    if (rows === undefined)
      throw new Error(`${mnemonic.kind === 'identifier' ? mnemonic.text : 'this'} is neither an instruction nor a directive`);
    const here = this.#here;
    const scope = this.#scopeAt(here);
    const written = splitAtCommas(tokens.slice(at + 1)).map((each) => readOperand(each, scope));
    const operands = withImpliedOperands((mnemonic as { text: string }).text, rows, written);
    const surroundings = {
      bits: this.bits,
      prefixes,
      operandSize: sizes.operandSize,
      addressSize: sizes.addressSize,
      here,
      draft: this.draft,
    };
    const bytes = encode(rows, operands, { ...surroundings, mustBeNear: this.near.has(this.#statement) });
    const length = bytes.length;
    // Once a jump was too far for a byte it stays long: sizes only grow, so that passes come to an end.
    if (length > prefixes.length + 2 && isShortenable(rows)) this.near.add(this.#statement);
    for (const byte of bytes) this.#put(byte);
  }

  #put(byte: number): void {
    if (this.#bytes.length >= MAX_BYTES) throw new Error('the image is larger than 16 MiB');
    this.#bytes.push(byte);
  }
}

function isConstantData(tokens: readonly Token[]): boolean {
  const [first] = tokens;
  return (
    first?.kind === 'identifier' &&
    first.text.toLowerCase() in DATA_BYTES &&
    !tokens.some((token) => token.kind === 'operator' && token.text.startsWith('$'))
  );
}

function isShortenable(rows: NonNullable<ReturnType<typeof rowsOf>>): boolean {
  const relative = rows.flatMap(({ row }) => row.operands.filter((source) => source.from === 'relative'));
  return (
    relative.some((source) => source.from === 'relative' && source.bytes === 1) &&
    relative.some((source) => source.from === 'relative' && source.bytes === 'z')
  );
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return [];
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'operator') {
      if (token.text === '(' || token.text === '[') depth++;
      if (token.text === ')' || token.text === ']') depth--;
      if (token.text === ',' && depth === 0) {
        parts.push([]);
        continue;
      }
    }
    parts.at(-1)!.push(token);
  }
  return parts;
}
