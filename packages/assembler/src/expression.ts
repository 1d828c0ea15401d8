import type { Token } from './lexer.js';

/**
 * What an expression is worth in a pass. `labels` counts the addresses in it (a label minus a label is a plain number): an address is
 * never shortened to a byte. `known` is false while a symbol has no value yet (forward references in the first pass).
 */
export interface Value {
  readonly value: bigint;
  readonly labels: number;
  readonly known: boolean;
}

export interface Scope {
  lookup(name: string): Value | undefined;
  /** Address of the statement, and of the section's start. */
  readonly here: bigint;
  readonly start: bigint;
}

type Binary = (a: bigint, b: bigint) => bigint;

/** Operators by precedence, weakest first (the NASM manual, section 3.5). */
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => truth(a !== 0n || b !== 0n) },
  { '&&': (a, b) => truth(a !== 0n && b !== 0n) },
  {
    '==': (a, b) => truth(a === b),
    '=': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<': (a, b) => truth(a < b),
    '<=': (a, b) => truth(a <= b),
    '>': (a, b) => truth(a > b),
    '>=': (a, b) => truth(a >= b),
  },
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '<<': (a, b) => a << shiftCount(b), '>>': (a, b) => a >> shiftCount(b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': divide, '%': remainder },
];

/** Parentheses and signs in one another. */
const MAX_DEPTH = 256;
/** Values stay well within what a hostile source could make slow: 64 bits with sign, and their products. */
const MAX_MAGNITUDE = 1n << 128n;

const truth = (condition: boolean): bigint => (condition ? 1n : 0n);
function shiftCount(count: bigint): bigint {
  if (count < 0n || count > 64n) throw new Error(`a shift by ${count} is out of range`);
  return count;
}
function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error('division by zero');
  return a / b;
}
function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Error('division by zero');
  return a % b;
}

/** Evaluates the tokens from `at` on, as far as they are one expression. @throws Error */
export class ExpressionReader {
  #depth = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly scope: Scope,
    public at = 0,
  ) {}

  read(level = 0): Value {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.read(level + 1);
    for (let token = this.tokens[this.at]; token?.kind === 'operator' && operators[token.text]; token = this.tokens[this.at]) {
      this.at++;
      left = combine(token.text, operators[token.text]!, left, this.read(level + 1));
    }
    return left;
  }

  #unary(): Value {
    if (++this.#depth > MAX_DEPTH) throw new Error('the expression is nested too deeply');
    const value = this.#operand();
    this.#depth--;
    return value;
  }

  #operand(): Value {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error('an operand is missing');
    if (token.kind === 'number') return { value: token.value, labels: 0, known: true };
    if (token.kind === 'string') return { value: characters(token.text), labels: 0, known: true };
    if (token.kind === 'identifier') return this.#symbol(token.text);
    switch (token.text) {
      case '-':
        return negated(this.#unary());
      case '+':
        return this.#unary();
      case '~':
        return mapped(this.#unary(), (value) => ~value);
      case '!':
        return mapped(this.#unary(), (value) => truth(value === 0n));
      case '$':
        return { value: this.scope.here, labels: 1, known: true };
      case '$$':
        return { value: this.scope.start, labels: 1, known: true };
      case '(': {
        const inner = this.read();
        const close = this.tokens[this.at++];
        if (close?.kind !== 'operator' || close.text !== ')') throw new Error('a ) is missing');
        return inner;
      }
      default:
        throw new Error(`"${token.text}" where a value should be`);
    }
  }

  #symbol(name: string): Value {
    const value = this.scope.lookup(name);
    if (value === undefined) throw new Error(`${name} is not defined`);
    return value;
  }
}

function combine(operator: string, apply: Binary, a: Value, b: Value): Value {
  const known = a.known && b.known;
  const labels = operator === '+' ? a.labels + b.labels : operator === '-' ? a.labels - b.labels : 0;
  // A division by a value that is not known yet must not stop the first pass.
  const value = known || !'/%<<>>'.includes(operator) ? apply(a.value, b.value) : 0n;
  if (value > MAX_MAGNITUDE || value < -MAX_MAGNITUDE) throw new Error('a number is too large');
  return { value, labels, known };
}

const negated = (a: Value): Value => ({ value: -a.value, labels: -a.labels, known: a.known });
const mapped = (a: Value, change: (value: bigint) => bigint): Value => ({ value: change(a.value), labels: 0, known: a.known });

/** Characters as a little-endian number, the first one lowest. */
function characters(text: string): bigint {
  let value = 0n;
  for (let i = Math.min(text.length, 8) - 1; i >= 0; i--) value = (value << 8n) | BigInt(text.charCodeAt(i) & 0xff);
  return value;
}
