/** Share of an interval's instructions above which its time tells what an instruction of that tier costs. */
const NEARLY_ALL = 0.95;

/**
 * Divides the time of execution between the interpreter and the regions. How many instructions each of them completed is known exactly,
 * but not when. The intervals that one tier had nearly for itself measure what its instructions cost; a mixed interval is divided by
 * these costs, or by the mere counts until both are known.
 */
export class TierTimes {
  interpreterMs = 0;
  regionsMs = 0;
  readonly #interpreter = { ms: 0, instructions: 0 };
  readonly #regions = { ms: 0, instructions: 0 };

  add(ms: number, interpreted: number, translated: number): void {
    const all = interpreted + translated;
    if (all <= 0 || !(ms > 0)) return;
    if (interpreted >= all * NEARLY_ALL) learn(this.#interpreter, ms, all);
    else if (translated >= all * NEARLY_ALL) learn(this.#regions, ms, all);
    const isKnown = this.#interpreter.instructions > 0 && this.#regions.instructions > 0;
    const slow = interpreted * (isKnown ? this.#interpreter.ms / this.#interpreter.instructions : 1);
    const fast = translated * (isKnown ? this.#regions.ms / this.#regions.instructions : 1);
    const share = slow + fast > 0 ? slow / (slow + fast) : interpreted / all;
    this.interpreterMs += ms * share;
    this.regionsMs += ms * (1 - share);
  }
}

function learn(cost: { ms: number; instructions: number }, ms: number, instructions: number): void {
  cost.ms += ms;
  cost.instructions += instructions;
}
