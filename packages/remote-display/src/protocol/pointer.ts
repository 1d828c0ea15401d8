/*
 * Absolute pointer positions travel as 0..65535 across the screen, so that a resize in flight cannot put
 * the pointer elsewhere: 0 is the first pixel column (or row), 65535 the last.
 */

export const ABSOLUTE_MAX = 0xffff;

/** Pixel column → position on the wire. */
export function toAbsolute(px: number, sidePx: number): number {
  if (sidePx <= 1) return 0;
  return Math.round((Math.max(0, Math.min(sidePx - 1, px)) * ABSOLUTE_MAX) / (sidePx - 1));
}

/** Position on the wire → pixel column. `fromAbsolute(toAbsolute(px, n), n) === px` for every screen up to 65,536 pixels. */
export function fromAbsolute(position: number, sidePx: number): number {
  return Math.round((position * (sidePx - 1)) / ABSOLUTE_MAX);
}

/** Button bits, in the order of the HID mouse and of `MouseEvent.buttons`. */
export const BUTTON = { left: 1, right: 2, middle: 4, back: 8, forward: 16 } as const;
