/** First pause before a new attempt; doubles up to the longest. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Pause before attempt 1, 2, ...: half of it random, so that the viewers of a restarted host do not come all at once. */
export function pauseBeforeAttempt(attempt: number, random: number): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return pauseMs / 2 + (pauseMs / 2) * random;
}
