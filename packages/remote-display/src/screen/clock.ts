/** Time, handed in so that tests need not wait. */
export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    // A keep-alive timer alone must not keep a process running that has nothing else to do.
    (timer as { unref?(): void }).unref?.();
    return () => clearTimeout(timer);
  },
};
