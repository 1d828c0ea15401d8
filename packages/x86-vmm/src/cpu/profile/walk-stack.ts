/** A deeper stack is cut: the innermost frames are kept. */
const MOST_FRAMES = 64;
/** No function's frame is larger; a frame pointer further away is a number that happens to be in EBP. */
const LARGEST_FRAME = 0x1_0000;

export interface StackReader {
  /** The aligned doubleword at a linear address; undefined where there is no memory. */
  read32(linear: number): number | undefined;
}

/**
 * Return addresses from the innermost frame outwards, of code that keeps frame pointers: [EBP] is the caller's EBP, [EBP + 4] the
 * address to return to. The guest may have anything in EBP and in memory: it ends where the chain does not go upwards, is not
 * aligned or leaves memory, and after so many frames.
 */
export function walkStack(memory: StackReader, framePointer: number): number[] {
  const returns: number[] = [];
  let frame = framePointer >>> 0;
  while (returns.length < MOST_FRAMES && frame !== 0 && frame < 0xffff_fff8) {
    const caller = memory.read32(frame);
    const address = memory.read32(frame + 4);
    if (caller === undefined || address === undefined || address === 0) break;
    returns.push(address >>> 0);
    if (caller <= frame || caller - frame > LARGEST_FRAME) break;
    frame = caller >>> 0;
  }
  return returns;
}
