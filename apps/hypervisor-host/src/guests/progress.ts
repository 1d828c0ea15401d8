/** One step of a build. `weight` is its usual share of the whole time, in any unit: measured seconds do well. */
export interface Stage {
  readonly name: string;
  readonly weight: number;
}

/**
 * Turns "stage 3, two fifths done" into a number from 0 to 100 that never goes back. 100 is left to whoever knows that the result
 * is in its place.
 */
export class Progress {
  #done = 0;
  #weight = 0;
  #last = -1;
  #message = '';
  readonly #total: number;

  constructor(
    private readonly stages: readonly Stage[],
    /** Called when the whole per cent or the message has changed. */
    private readonly report: (percent: number, message: string) => void,
  ) {
    this.#total = stages.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** The stages before `name` are done. @throws Error for a name that is not in the list: a defect of the recipe */
  begin(name: string): void {
    const index = this.stages.findIndex((stage) => stage.name === name);
    const stage = this.stages[index];
    if (!stage) throw new Error(`there is no stage ${name}`);
    this.#done = this.stages.slice(0, index).reduce((sum, { weight }) => sum + weight, 0);
    this.#weight = stage.weight;
    this.#tell(0, name);
  }

  /** The part of the present stage that is done, 0..1. */
  at(fraction: number, message = this.#message): void {
    this.#tell(Math.min(1, Math.max(0, fraction)), message);
  }

  #tell(fraction: number, message: string): void {
    const percent = Math.min(99, Math.floor((100 * (this.#done + fraction * this.#weight)) / this.#total));
    const shown = Math.max(percent, this.#last);
    if (shown === this.#last && message === this.#message) return;
    this.#last = shown;
    this.#message = message;
    this.report(shown, message);
  }
}
