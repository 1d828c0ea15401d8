/** One piece of a source line. Identifiers keep their case; keywords are compared without it. */
export type Token =
  | { readonly kind: 'identifier'; readonly text: string }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'operator'; readonly text: string };

/** Longest first, so that `<<` is not two of `<`. */
const OPERATORS = [
  '<<',
  '>>',
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '$$',
  '(',
  ')',
  '[',
  ']',
  ',',
  ':',
  '+',
  '-',
  '*',
  '/',
  '%',
  '&',
  '|',
  '^',
  '~',
  '!',
  '<',
  '>',
  '=',
  '$',
];
const IDENTIFIER = /^[A-Za-z_.?@][\w.$?@~#]*/;
/** 0x1F, 1Fh, 0b101, 101b, 0q17, 17q, 0d10, 1_000; $1F is not taken (it reads as the address). */
const NUMBER =
  /^(?:0[xX]([0-9a-fA-F_]+)|([0-9][0-9a-fA-F_]*)[hH]|0[bB]([01_]+)|([01][01_]*)[bB]|0[qQoO]([0-7_]+)|([0-7][0-7_]*)[qQoO]|(?:0[dD])?([0-9][0-9_]*))(?![\w.])/;

/** 64 binary digits with their separators and prefix. */
const MAX_DIGITS = 160;

/** Splits a line; a `;` outside strings begins a comment. @throws Error with what is wrong */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let rest = text.trimStart(); rest !== '' && !rest.startsWith(';'); ) {
    const [token, length] = next(rest);
    tokens.push(token);
    rest = rest.slice(length).trimStart();
  }
  return tokens;
}

function next(rest: string): [Token, number] {
  const quote = rest[0]!;
  if (quote === "'" || quote === '"' || quote === '`') {
    const end = rest.indexOf(quote, 1);
    if (end < 0) throw new Error('a string has no end');
    const text = rest.slice(1, end);
    return [{ kind: 'string', text: quote === '`' ? withEscapes(text) : text }, end + 1];
  }
  const number = NUMBER.exec(rest);
  if (number && number[0].length > MAX_DIGITS) throw new Error('a number is too long');
  if (number) return [{ kind: 'number', value: numberOf(number) }, number[0].length];
  const identifier = IDENTIFIER.exec(rest);
  if (identifier) return [{ kind: 'identifier', text: identifier[0] }, identifier[0].length];
  const operator = OPERATORS.find((each) => rest.startsWith(each));
  if (operator === undefined) throw new Error(`what is "${quote}"?`);
  return [{ kind: 'operator', text: operator }, operator.length];
}

function numberOf([, hex, hexSuffix, binary, binarySuffix, octal, octalSuffix, decimal]: RegExpExecArray): bigint {
  const digits = (text: string): string => text.replaceAll('_', '');
  if (hex ?? hexSuffix) return BigInt(`0x${digits((hex ?? hexSuffix)!)}`);
  if (binary ?? binarySuffix) return BigInt(`0b${digits((binary ?? binarySuffix)!)}`);
  if (octal ?? octalSuffix) return BigInt(`0o${digits((octal ?? octalSuffix)!)}`);
  return BigInt(digits(decimal!));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', '\\': '\\' };
const withEscapes = (text: string): string => text.replace(/\\(.)/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
