/** One step of a build. `weight` is its usual share of the whole time, in any unit: measured seconds do well. */
export interface Stage<Name extends string = string> {
  readonly name: Name;
  readonly weight: number;
}

/**
 * Turns "stage 3, two fifths done" into a number from 0 to 100 that never goes back. 100 is left to whoever knows that the result
 * is in its place.
 */
export class Progress<Name extends string = string> {
  #done = 0;
  #weight = 0;
  #last = -1;
  #name: Name | undefined;
  readonly #total: number;

  constructor(
    private readonly stages: readonly Stage<Name>[],
    /** Called when the whole per cent or the stage has changed. */
    private readonly report: (percent: number, stage: Name) => void,
  ) {
    this.#total = stages.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** The stages before `name` are done. @throws Error for a name that is not in the list: a defect of the recipe */
  begin(name: Name): void {
    const index = this.stages.findIndex((stage) => stage.name === name);
    const stage = this.stages[index];
    if (!stage) throw new Error(`there is no stage ${name}`);
    this.#done = this.stages.slice(0, index).reduce((sum, { weight }) => sum + weight, 0);
    this.#weight = stage.weight;
    this.#tell(0, name);
  }

  /** The part of the present stage that is done, 0..1. */
  at(fraction: number): void {
    if (this.#name !== undefined) this.#tell(Math.min(1, Math.max(0, fraction)), this.#name);
  }

  #tell(fraction: number, name: Name): void {
    const percent = Math.min(99, Math.floor((100 * (this.#done + fraction * this.#weight)) / this.#total));
    const shown = Math.max(percent, this.#last);
    if (shown === this.#last && name === this.#name) return;
    this.#last = shown;
    this.#name = name;
    this.report(shown, name);
  }
}
