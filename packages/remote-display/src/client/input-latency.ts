/** Measured times from input to painted effect, in milliseconds. */
export interface LatencySummary {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** The last figures kept: enough for a p99, few enough to follow a change of the line. */
const KEPT = 256;
/** Input without visible effect is forgotten after this time, or the next unrelated frame would count for it. */
const FORGET_MS = 5_000;

/**
 * Input-to-paint time as the user has it: from the event in the browser to the first painted frame whose
 * picture was taken after the input had reached the machine.
 */
export class InputLatency {
  readonly #sentAtMs = new Map<number, number>();
  readonly #samples: number[] = [];

  sent(id: number, nowMs: number): void {
    this.#sentAtMs.set(id, nowMs);
    for (const oldest of this.#sentAtMs.keys()) {
      if (this.#sentAtMs.size <= KEPT) break;
      this.#sentAtMs.delete(oldest);
    }
  }

  /** A frame that echoes `id` was painted. */
  painted(id: number, nowMs: number): void {
    for (const [sentId, sentAtMs] of this.#sentAtMs) {
      if (sentId > id) break;
      this.#sentAtMs.delete(sentId);
      if (nowMs - sentAtMs > FORGET_MS) continue;
      this.#samples.push(nowMs - sentAtMs);
      if (this.#samples.length > KEPT) this.#samples.shift();
    }
  }

  /** `undefined` before the first sample. */
  summary(): LatencySummary | undefined {
    if (this.#samples.length === 0) return undefined;
    const sorted = [...this.#samples].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { samples: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
  }
}
