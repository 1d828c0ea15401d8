import { AssemblyError, type SourceLine } from './assembly-error.js';

/** Gives the text of an included file, by the name in the source and the including file. @throws Error when there is none */
export type Include = (name: string, from: string) => { readonly file: string; readonly text: string };

interface Macro {
  readonly parameters: number;
  readonly body: readonly SourceLine[];
}

/** Includes and expansions nested deeper are a source that includes itself. */
const MAX_DEPTH = 32;
/** Lines read in all, expansions and repetitions included; characters of one line after replacement. */
const MAX_LINES = 1 << 18;
const MAX_LINE_CHARACTERS = 1 << 14;

/**
 * `%include`, `%define NAME text`, `%macro name n` with %1..%n and %%local labels, `%rep n`, `%ifdef`/`%ifndef`/`%else`/`%endif`.
 * A subset of NASM's preprocessor with its meaning. @throws AssemblyError
 */
export function preprocess(file: string, text: string, include: Include): SourceLine[] {
  return new Preprocessor(include).run(file, text);
}

class Preprocessor {
  readonly #defines = new Map<string, string>();
  readonly #macros = new Map<string, Macro>();
  readonly #out: SourceLine[] = [];
  #expansion = 0;
  #linesRead = 0;

  constructor(private readonly include: Include) {}

  run(file: string, text: string): SourceLine[] {
    this.#lines(split(file, text), 0);
    return this.#out;
  }

  #lines(lines: readonly SourceLine[], depth: number): void {
    if (depth > MAX_DEPTH) throw new AssemblyError(lines[0]?.file ?? '', lines[0]?.line ?? 0, 'includes or macros are nested too deeply');
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      if (++this.#linesRead > MAX_LINES) throw fail(line, `the source expands to more than ${MAX_LINES} lines`);
      if (line.text.length > MAX_LINE_CHARACTERS) throw fail(line, 'the line is too long');
      const [, directive, rest = ''] = /^\s*%([a-z]+)\b\s*(.*)$/.exec(withoutComment(line.text)) ?? [];
      switch (directive) {
        case undefined:
          this.#plain(line, depth);
          break;
        case 'include': {
          const name = /^["'](.+)["']$/.exec(rest.trim())?.[1];
          if (name === undefined) throw fail(line, '%include needs a file name in quotes');
          try {
            const found = this.include(name, line.file);
            this.#lines(split(found.file, found.text), depth + 1);
          } catch (error) {
            throw error instanceof AssemblyError ? error : fail(line, (error as Error).message);
          }
          break;
        }
        case 'define': {
          const [, name, value = ''] = /^([\w.?@]+)\s*(.*)$/.exec(rest.trim()) ?? [];
          if (name === undefined) throw fail(line, '%define needs a name');
          this.#defines.set(name, value);
          break;
        }
        case 'undef':
          this.#defines.delete(rest.trim());
          break;
        case 'macro': {
          const end = blockEnd(lines, i, 'macro', 'endmacro');
          const [, name, count = '0'] = /^(\S+)\s*(\d*)/.exec(rest) ?? [];
          if (name === undefined) throw fail(line, '%macro needs a name and a number of parameters');
          this.#macros.set(name, { parameters: Number(count || 0), body: lines.slice(i + 1, end) });
          i = end;
          break;
        }
        case 'rep': {
          const end = blockEnd(lines, i, 'rep', 'endrep');
          const count = Number(this.#substitute(rest, line));
          if (!Number.isInteger(count) || count < 0 || count > 0x1_0000) throw fail(line, '%rep needs a number from 0 to 65536');
          for (let n = 0; n < count; n++) this.#lines(lines.slice(i + 1, end), depth + 1);
          i = end;
          break;
        }
        case 'ifdef':
        case 'ifndef': {
          const end = blockEnd(lines, i, 'if', 'endif');
          const otherwise = elseOf(lines, i, end);
          const taken = this.#defines.has(rest.trim()) === (directive === 'ifdef');
          this.#lines(
            taken ? lines.slice(i + 1, otherwise ?? end) : otherwise === undefined ? [] : lines.slice(otherwise + 1, end),
            depth + 1,
          );
          i = end;
          break;
        }
        default:
          throw fail(line, `%${directive} is not known`);
      }
    }
  }

  #plain(line: SourceLine, depth: number): void {
    const text = this.#substitute(line.text, line);
    const [, label = '', name, rest = ''] = /^(\s*(?:[\w.?@]+:)?\s*)([\w.?@]+)\b(.*)$/s.exec(withoutComment(text)) ?? [];
    const macro = name === undefined ? undefined : this.#macros.get(name);
    if (macro === undefined) {
      this.#out.push({ ...line, text });
      return;
    }
    if (label.trim() !== '') this.#out.push({ ...line, text: label });
    const parameters = rest.trim() === '' ? [] : splitArguments(rest);
    if (parameters.length !== macro.parameters)
      throw fail(line, `macro ${name} takes ${macro.parameters} parameters, not ${parameters.length}`);
    const expansion = ++this.#expansion;
    const body = macro.body.map((each) => ({
      file: line.file,
      line: line.line,
      text: each.text.replace(/%%([\w.]+)/g, `..@${expansion}.$1`).replace(/%(\d+)/g, (_all, n: string) => parameters[Number(n) - 1] ?? ''),
    }));
    this.#lines(body, depth + 1);
  }

  /** Replaces defined names outside strings, again in their replacements. */
  #substitute(text: string, line: SourceLine): string {
    if (this.#defines.size === 0) return text;
    let result = text;
    for (let round = 0; round < MAX_DEPTH; round++) {
      const replaced = result.replace(
        /("[^"]*"|'[^']*'|`[^`]*`|;.*$)|(?<![\w.?@$])([A-Za-z_?@][\w.?@]*)/g,
        (all, kept: string | undefined, name: string | undefined) =>
          kept !== undefined || name === undefined ? all : (this.#defines.get(name) ?? all),
      );
      if (replaced === result) return result;
      if (replaced.length > MAX_LINE_CHARACTERS) throw fail(line, 'the line is too long after replacement of what is defined');
      result = replaced;
    }
    return result;
  }
}

const fail = (line: SourceLine, what: string): AssemblyError => new AssemblyError(line.file, line.line, what);
const split = (file: string, text: string): SourceLine[] => text.split('\n').map((each, index) => ({ file, line: index + 1, text: each }));

function withoutComment(text: string): string {
  return text.replace(/("[^"]*"|'[^']*'|`[^`]*`)|;.*$/g, (_all, kept: string | undefined) => kept ?? '');
}

function blockEnd(lines: readonly SourceLine[], start: number, open: string, close: string): number {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    const word = /^\s*%([a-z]+)/.exec(lines[i]!.text)?.[1];
    if (word?.startsWith(open) || (open === 'rep' && word === 'rep')) depth++;
    if (word === close && --depth === 0) return i;
  }
  throw fail(lines[start]!, `%${close} is missing`);
}

function elseOf(lines: readonly SourceLine[], start: number, end: number): number | undefined {
  let depth = 0;
  for (let i = start; i < end; i++) {
    const word = /^\s*%([a-z]+)/.exec(lines[i]!.text)?.[1];
    if (word?.startsWith('if')) depth++;
    else if (word === 'endif') depth--;
    else if (word === 'else' && depth === 1) return i;
  }
  return undefined;
}

/** Splits macro arguments at commas outside strings, brackets and braces; braces around one are removed. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let part = '';
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if ('"\'`'.includes(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
      continue;
    }
    part += character;
  }
  parts.push(part);
  return parts.map((each) => each.trim().replace(/^\{(.*)\}$/s, '$1'));
}
