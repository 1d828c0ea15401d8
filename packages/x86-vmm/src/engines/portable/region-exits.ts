import type { MemoryViews } from '../../cpu/interpreter/code-reader.js';
import { REGION_EXITS, REGION_EXITS_COUNT, REGION_EXITS_ENTRIES } from '../../cpu/state.js';
import type { TargetsBySite } from '../../cpu/translator/find-region.js';

/** Exits of a region after which it is asked whether it should be made anew. */
const ENOUGH = 192;
/** Instructions between two exits above which exits cost too little to be worth new code. */
const RARE = 1500;
/** A target that fewer of a block's exits go to is not worth a place. */
const LEAST_SHARE = 1 / 24;
const MOST_TARGETS = 16;
/** Blocks and targets that are counted for one region at most: beyond them its exits tell nothing. */
const MOST_COUNTED = 256;

/** Which targets a region's indirect jumps, calls and returns have, sampled from the ring that regions write. */
export class RegionExits {
  readonly #u32: Uint32Array;
  readonly #counts = new Map<number, Map<number, Map<number, number>>>();
  readonly #totals = new Map<number, number>();
  #seen: number;

  constructor(memory: MemoryViews) {
    this.#u32 = memory.u32;
    this.#seen = this.#u32[REGION_EXITS_COUNT >> 2]!;
  }

  /**
   * Reads what is new in the ring. Returns the numbers of regions that have been left often enough since they were last returned.
   * `instructions`: executed since the last call. `isLive`: exits of regions that are gone are not counted.
   */
  read(instructions: number, isLive: (region: number) => boolean): number[] {
    const u32 = this.#u32;
    const count = u32[REGION_EXITS_COUNT >> 2]!;
    const exits = (count - this.#seen) >>> 0;
    this.#seen = count;
    if (exits * RARE < instructions) return [];
    const fresh = Math.min(exits, REGION_EXITS_ENTRIES);
    const ready: number[] = [];
    for (let i = 1; i <= fresh; i++) {
      const at = (REGION_EXITS >> 2) + 4 * ((count - i) & (REGION_EXITS_ENTRIES - 1));
      const region = u32[at]!;
      if (!isLive(region)) continue;
      const total = (this.#totals.get(region) ?? 0) + 1;
      this.#totals.set(region, total);
      this.#count(region, u32[at + 1]!, u32[at + 2]!);
      if (total === ENOUGH) ready.push(region);
    }
    return ready;
  }

  #count(region: number, site: number, target: number): void {
    let sites = this.#counts.get(region);
    if (!sites) {
      sites = new Map();
      this.#counts.set(region, sites);
    }
    let targets = sites.get(site);
    if (!targets) {
      if (sites.size >= MOST_COUNTED) return;
      targets = new Map();
      sites.set(site, targets);
    }
    if (targets.size < MOST_COUNTED || targets.has(target)) targets.set(target, (targets.get(target) ?? 0) + 1);
  }

  /** The frequent targets, the most frequent first. The region is counted anew from here on. */
  take(region: number): TargetsBySite {
    const total = this.#totals.get(region) ?? 0;
    const found = new Map<number, readonly number[]>();
    for (const [site, targets] of this.#counts.get(region) ?? []) {
      const frequent = [...targets].filter(([, count]) => count >= total * LEAST_SHARE).sort(([, a], [, b]) => b - a);
      if (frequent.length > 0)
        found.set(
          site,
          frequent.slice(0, MOST_TARGETS).map(([target]) => target),
        );
    }
    this.forget(region);
    return found;
  }

  forget(region: number): void {
    this.#counts.delete(region);
    this.#totals.delete(region);
  }
}
