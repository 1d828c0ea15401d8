import type { Readable, Writable } from 'node:stream';
import { CommandError, ExitStatus, usage } from '../command-error.js';

/** A terminal, or a pipe that stands in for one. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

const ENTER = new Set(['\r', '\n']);
const BACKSPACE = new Set(['\u007f', '\b']);
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
/** A pipe without line ends must not be read for ever. */
const MAX_LINE = 10_000;

/**
 * Lines that the person types, secrets without echo. On a pipe each question takes the next line, so that
 * `printf '%s\n%s\n' old new | mw password` works.
 */
export class Prompt {
  #rest = '';
  #ended = false;
  #pieces: AsyncIterator<Buffer | string> | undefined;

  constructor(
    private readonly input: Input,
    private readonly output: Writable,
  ) {}

  get isTerminal(): boolean {
    return this.input.isTTY === true;
  }

  /** @throws CommandError when the input ends, or at Ctrl-C */
  async line(question: string): Promise<string> {
    return this.isTerminal ? this.#typed(question, true) : this.#piped(question);
  }

  /** @throws CommandError when the input ends, or at Ctrl-C */
  async secret(question: string): Promise<string> {
    return this.isTerminal ? this.#typed(question, false) : this.#piped(question);
  }

  async #piped(question: string): Promise<string> {
    while (!this.#rest.includes('\n') && !this.#ended && this.#rest.length < MAX_LINE) await this.#more();
    const end = this.#rest.indexOf('\n');
    const line = (end < 0 ? this.#rest : this.#rest.slice(0, end)).replace(/\r$/, '');
    this.#rest = end < 0 ? '' : this.#rest.slice(end + 1);
    if (line === '')
      throw usage(`${question.replace(/[:\s]+$/, '')} is missing on standard input. Give it there, or run the command in a terminal.`);
    return line;
  }

  async #more(): Promise<void> {
    this.#pieces ??= this.input[Symbol.asyncIterator]();
    const { value, done } = await this.#pieces.next();
    if (done) this.#ended = true;
    else this.#rest += String(value);
  }

  #typed(question: string, echo: boolean): Promise<string> {
    this.output.write(question);
    this.input.setRawMode?.(true);
    return new Promise<string>((resolve, reject) => {
      let line = '';
      const finish = (act: () => void): void => {
        this.input.off('data', take);
        this.input.setRawMode?.(false);
        this.input.pause();
        this.output.write('\n');
        act();
      };
      const take = (data: Buffer | string): void => {
        for (const character of String(data)) {
          if (ENTER.has(character)) return finish(() => resolve(line));
          if (character === CTRL_C || character === CTRL_D) return finish(() => reject(new CommandError('Given up.', ExitStatus.failed)));
          if (BACKSPACE.has(character)) {
            if (echo && line !== '') this.output.write('\b \b');
            line = [...line].slice(0, -1).join('');
          } else if (character === CTRL_U) {
            if (echo) this.output.write('\b \b'.repeat([...line].length));
            line = '';
          } else if (character >= ' ') {
            line += character;
            if (echo) this.output.write(character);
          }
        }
      };
      this.input.on('data', take).resume();
    });
  }
}
