import { ExpressionReader, type Scope, type Value } from './expression.js';
import type { Token } from './lexer.js';

/** Operand of a source line. Sizes are bits; 0: none was written. */
export type SourceOperand =
  | { readonly kind: 'register'; readonly group: RegisterGroup; readonly index: number; readonly size: number }
  | {
      readonly kind: 'memory';
      readonly size: number;
      readonly far: boolean;
      readonly segment: number | undefined;
      /** General registers of one size, or none. */
      readonly base: number | undefined;
      readonly index: number | undefined;
      readonly scale: 1 | 2 | 4 | 8;
      readonly addressSize: 16 | 32 | undefined;
      readonly displacement: Value | undefined;
      /** A displacement byte, or one of the address size, was asked for. */
      readonly displacementSize: 'byte' | 'full' | undefined;
    }
  | {
      readonly kind: 'immediate';
      readonly size: number;
      readonly value: Value;
      readonly short: boolean;
      readonly near: boolean;
      readonly strict: boolean;
    }
  | { readonly kind: 'far'; readonly size: number; readonly selector: Value; readonly offset: Value };

export type RegisterGroup = 'general' | 'segment' | 'control' | 'debug' | 'st' | 'mm' | 'xmm';
export interface Register {
  readonly group: RegisterGroup;
  readonly index: number;
  readonly size: number;
}

const REGISTERS = new Map<string, Register>();
const name = (group: RegisterGroup, size: number, names: readonly string[]): void => {
  for (const [index, each] of names.entries()) REGISTERS.set(each, { group, index, size });
};
name('general', 8, ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh']);
name('general', 16, ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di']);
name('general', 32, ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi']);
name('segment', 16, ['es', 'cs', 'ss', 'ds', 'fs', 'gs']);
name('control', 32, ['cr0', 'cr1', 'cr2', 'cr3', 'cr4', 'cr5', 'cr6', 'cr7']);
name('debug', 32, ['dr0', 'dr1', 'dr2', 'dr3', 'dr4', 'dr5', 'dr6', 'dr7']);
name('st', 80, ['st0', 'st1', 'st2', 'st3', 'st4', 'st5', 'st6', 'st7']);
name('mm', 64, ['mm0', 'mm1', 'mm2', 'mm3', 'mm4', 'mm5', 'mm6', 'mm7']);
name('xmm', 128, ['xmm0', 'xmm1', 'xmm2', 'xmm3', 'xmm4', 'xmm5', 'xmm6', 'xmm7']);

export const registerNamed = (text: string): Register | undefined => REGISTERS.get(text.toLowerCase());

const SIZES: Readonly<Record<string, number>> = { byte: 8, word: 16, dword: 32, qword: 64, tword: 80, tbyte: 80, oword: 128 };
const SEGMENT_REGISTERS = new Set(['es', 'cs', 'ss', 'ds', 'fs', 'gs']);

/** Reads one operand's tokens. @throws Error */
export function readOperand(tokens: readonly Token[], scope: Scope): SourceOperand {
  let at = 0;
  let size = 0;
  let segment: Token | undefined;
  const flags = { far: false, short: false, near: false, strict: false };
  for (; tokens[at]?.kind === 'identifier'; at++) {
    const word = (tokens[at] as { text: string }).text.toLowerCase();
    if (word in SIZES) size = SIZES[word]!;
    else if (word in flags) flags[word as keyof typeof flags] = true;
    else if (word !== 'ptr') break;
  }
  // `es:[bx]` is `[es:bx]`.
  if (isOperator(tokens[at + 1], ':') && isOperator(tokens[at + 2], '[')) {
    segment = tokens[at];
    at += 2;
  }
  const first = tokens[at];
  if (first === undefined) throw new Error('an operand is missing');
  if (isOperator(first, '[')) {
    if (!isOperator(tokens.at(-1), ']')) throw new Error('a ] is missing');
    const inner = tokens.slice(at + 1, -1);
    return readMemory(segment ? [segment, { kind: 'operator', text: ':' }, ...inner] : inner, scope, size, flags.far);
  }
  const register = first.kind === 'identifier' && tokens.length === at + 1 ? registerNamed(first.text) : undefined;
  if (register) return { kind: 'register', ...register };
  const reader = new ExpressionReader(tokens, scope, at);
  const value = reader.read();
  if (isOperator(tokens[reader.at], ':')) {
    const offset = new ExpressionReader(tokens, scope, reader.at + 1);
    // The size belongs to the offset: "dword 8:label".
    return { kind: 'far', size, selector: value, offset: finished(offset, tokens) };
  }
  if (reader.at !== tokens.length) throw new Error('something follows the operand');
  return { kind: 'immediate', size, value, short: flags.short, near: flags.near, strict: flags.strict };
}

function finished(reader: ExpressionReader, tokens: readonly Token[]): Value {
  const value = reader.read();
  if (reader.at !== tokens.length) throw new Error('something follows the operand');
  return value;
}

interface Part {
  readonly negative: boolean;
  readonly tokens: Token[];
}

/** Inside the brackets: segment override, then a sum of registers (one of them scaled) and expressions. */
function readMemory(tokens: readonly Token[], scope: Scope, size: number, far: boolean): SourceOperand {
  let inner = tokens;
  let segment: number | undefined;
  const [first, second] = inner;
  if (first?.kind === 'identifier' && SEGMENT_REGISTERS.has(first.text.toLowerCase()) && isOperator(second, ':')) {
    segment = registerNamed(first.text)!.index;
    inner = inner.slice(2);
  }
  // Before the sum: the size of the displacement (without registers: of the address), and `nosplit`, which keeps a lone index an index.
  let written: string | undefined;
  let mayJoin = true;
  for (let word = firstWord(inner); word === 'nosplit' || word in ADDRESS_BITS; word = firstWord(inner)) {
    if (word === 'nosplit') mayJoin = false;
    else written = word;
    inner = inner.slice(1);
  }
  const registers: { register: Register; scale: number }[] = [];
  const rest: Token[] = [];
  for (const part of sumParts(inner)) {
    const scaled = part.negative ? undefined : scaledRegister(part.tokens, scope);
    if (scaled) registers.push(scaled);
    else rest.push({ kind: 'operator', text: part.negative ? '-' : '+' }, ...part.tokens);
  }
  const displacement = rest.length === 0 ? undefined : finished(new ExpressionReader(rest, scope), rest);
  const full = written !== undefined && registers.length > 0 && ADDRESS_BITS[written] === registers[0]!.register.size;
  const displacementSize = written === 'byte' ? 'byte' : full ? 'full' : undefined;
  return {
    kind: 'memory',
    size,
    far,
    segment,
    displacement,
    displacementSize,
    ...addressing(registers, written === undefined ? undefined : ADDRESS_BITS[written], mayJoin),
  };
}

const ADDRESS_BITS: Readonly<Record<string, 16 | 32 | undefined>> = { byte: undefined, word: 16, dword: 32 };
const firstWord = (tokens: readonly Token[]): string => (tokens[0]?.kind === 'identifier' ? tokens[0].text.toLowerCase() : '');

function addressing(registers: readonly { register: Register; scale: number }[], written: 16 | 32 | undefined, mayJoin: boolean) {
  const sizes = new Set(registers.map(({ register }) => register.size));
  if (registers.length > 2 || sizes.size > 1 || registers.some(({ register }) => register.group !== 'general' || register.size < 16)) {
    throw new Error('these registers do not make an address');
  }
  const size = ([...sizes][0] as 16 | 32 | undefined) ?? written;
  let [base, index] = registers;
  // Only the index can be scaled; ESP can only be the base.
  if (base && base.scale !== 1 && index?.scale === 1) [base, index] = [index, base];
  if (index && index.register.index === 4 && index.scale === 1) [base, index] = [index, base];
  if (base && !index && (base.scale !== 1 || !mayJoin)) [base, index] = [undefined, base];
  if (index?.register.index === 4 && size === 32) throw new Error('ESP cannot be an index');
  // Twice or thrice a register without base is shorter as base plus index (what NASM does for [eax*2] too).
  if (mayJoin && !base && index && size === 32 && [2, 3, 5, 9].includes(index.scale))
    [base, index] = [
      { ...index, scale: 1 },
      { ...index, scale: index.scale - 1 },
    ];
  const scale = index?.scale ?? 1;
  if (![1, 2, 4, 8].includes(scale)) throw new Error(`a scale of ${scale} does not exist`);
  return { base: base?.register.index, index: index?.register.index, scale: scale as 1 | 2 | 4 | 8, addressSize: size };
}

/** Cuts at + and - outside parentheses. */
function sumParts(tokens: readonly Token[]): Part[] {
  const parts: Part[] = [];
  let depth = 0;
  let part: Part = { negative: false, tokens: [] };
  for (const token of tokens) {
    if (isOperator(token, '(')) depth++;
    if (isOperator(token, ')')) depth--;
    const splits = depth === 0 && token.kind === 'operator' && (token.text === '+' || token.text === '-');
    if (!splits) {
      part.tokens.push(token);
      continue;
    }
    if (part.tokens.length > 0) parts.push(part);
    part = { negative: (token as { text: string }).text === '-', tokens: [] };
  }
  if (part.tokens.length > 0) parts.push(part);
  return parts;
}

function scaledRegister(tokens: readonly Token[], scope: Scope): { register: Register; scale: number } | undefined {
  const [a, operator, b] = tokens;
  const plain = a?.kind === 'identifier' ? registerNamed(a.text) : undefined;
  if (tokens.length === 1 && plain) return { register: plain, scale: 1 };
  if (tokens.length < 3 || !isOperator(operator, '*')) return undefined;
  const other = b?.kind === 'identifier' && tokens.length === 3 ? registerNamed(b.text) : undefined;
  const register = plain ?? other;
  if (!register) return undefined;
  const factor = plain ? tokens.slice(2) : tokens.slice(0, 1);
  return { register, scale: Number(finished(new ExpressionReader(factor, scope), factor).value) };
}

function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}
