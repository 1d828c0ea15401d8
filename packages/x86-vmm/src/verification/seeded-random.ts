/** Numbers that follow from a seed, so that a case comes back by it. Not for anything secret. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = (Math.imul(seed + 1, 0x9e37_79b1) ^ 0x5bd1_e995) | 1;
    for (let i = 0; i < 4; i++) this.u32();
  }
  /** xorshift32 (Marsaglia), its output multiplied. */
  u32(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (Math.imul(x, 0x9e37_79b1) ^ (x >>> 15)) >>> 0;
  }
  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }
  below(limit: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * limit);
  }
  oneIn(limit: number): boolean {
    return this.below(limit) === 0;
  }
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}
