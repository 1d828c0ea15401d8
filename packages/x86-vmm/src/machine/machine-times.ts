import type { Activity } from '../bus/time-ledger.js';
import type { EngineTimes } from '../engines/portable/portable-engine.js';

/**
 * What a run's wall time went to, ms: the four costs of binary translation, idleness and the machine's start add up to `wallMs`. The
 * parts divide them further. All is of the vCPU's thread: V8's optimising compiler works in others.
 */
export interface MachineTimes {
  readonly wallMs: number;
  /** Until the machine was built: the worker's start, the interpreter's compilation. */
  readonly startMs: number;
  /** Halted, paused or stopped with no request under way. */
  readonly idleMs: number;
  /** Requests of disks, waiting for them, saving and restoring. */
  readonly diskMs: number;
  /** Page walks, translations dropped, memory that is a device. */
  readonly memoryMs: number;
  /** Decoding, emission and compilation of regions, code that was written. */
  readonly translationMs: number;
  /** Interpreter, regions, and the board between slices. */
  readonly executionMs: number;
  readonly parts: {
    readonly pageWalkMs: number;
    readonly flushMs: number;
    readonly deviceMs: number;
    readonly decodeMs: number;
    readonly emitMs: number;
    readonly compileMs: number;
    readonly codeWrittenMs: number;
    readonly interpreterMs: number;
    readonly regionsMs: number;
    readonly boardMs: number;
  };
}

/** Times inside of slices that are estimated from a sample of the calls. */
export interface SampledTimes {
  readonly pageWalkMs: number;
  readonly flushMs: number;
  readonly deviceMs: number;
  readonly codeWrittenMs: number;
}

/**
 * The parts of a run. What is left of the slices after translation and the sampled times is execution, divided as the engine says.
 * Samples can err: what they claim beyond a slice's whole time is scaled down, so that no part is negative.
 */
export function machineTimes(spent: Readonly<Record<Activity, number>>, engine: EngineTimes, sampled: SampledTimes): MachineTimes {
  const inSlices = Math.max(0, spent.run - engine.emitMs - engine.compileMs);
  const claimed = sampled.pageWalkMs + sampled.flushMs + sampled.deviceMs + sampled.codeWrittenMs;
  const scale = claimed > inSlices ? inSlices / claimed : 1;
  const [pageWalkMs, flushMs, deviceMs, codeWrittenMs] = [
    sampled.pageWalkMs * scale,
    sampled.flushMs * scale,
    sampled.deviceMs * scale,
    sampled.codeWrittenMs * scale,
  ];
  const executed = inSlices - claimed * scale;
  const divided = engine.interpreterMs + engine.regionsMs;
  const interpreterMs = executed * (divided > 0 ? engine.interpreterMs / divided : 1);
  const regionsMs = executed - interpreterMs;
  const { emitMs, compileMs } = engine;
  return {
    wallMs: Object.values(spent).reduce((sum, ms) => sum + ms, 0),
    startMs: spent.start,
    idleMs: spent.idle,
    diskMs: spent.disk,
    memoryMs: pageWalkMs + flushMs + deviceMs,
    translationMs: spent.decode + emitMs + compileMs + codeWrittenMs,
    executionMs: executed + spent.board,
    parts: {
      pageWalkMs,
      flushMs,
      deviceMs,
      decodeMs: spent.decode,
      emitMs,
      compileMs,
      codeWrittenMs,
      interpreterMs,
      regionsMs,
      boardMs: spent.board,
    },
  };
}
