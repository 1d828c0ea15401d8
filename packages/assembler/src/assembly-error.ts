/** A source line that cannot be assembled; the message begins with `file:line:`. */
export class AssemblyError extends Error {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly what: string,
  ) {
    super(`${file}:${line}: ${what}`);
  }
}

/** A line of source after preprocessing, with the place a person finds it. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}
