/*
 * Where things are on the panel's 1024x768 screen, in pixels, for tests and documents. README.md says the same.
 */

export interface ScreenPoint {
  readonly x: number;
  readonly y: number;
}

/** Colours are 0xRRGGBB. */
export const line3Screen = {
  width: 1024,
  height: 768,
  /** Middles of buttons and switches. */
  buttons: {
    start: { x: 765, y: 119 },
    stop: { x: 919, y: 119 },
    automaticManual: { x: 842, y: 169 },
    levelDown: { x: 881, y: 212 },
    levelUp: { x: 973, y: 212 },
    temperatureDown: { x: 881, y: 246 },
    temperatureUp: { x: 973, y: 246 },
    speedDown: { x: 881, y: 280 },
    speedUp: { x: 973, y: 280 },
    acknowledge: { x: 944, y: 460 },
    v101: { x: 186, y: 197 },
    v102: { x: 454, y: 197 },
    drain: { x: 460, y: 398 },
    heater: { x: 426, y: 326 },
  },
  /** A pixel inside the motor's symbol, above its letter: `stopped` or `running`. */
  motorLamp: { x: 320, y: 105, stopped: 0xb3b9bf, running: 0x2b9348 },
  /** Corner test targets, each 24x24 pixels, in the order of the bits of input register `cornerMarks`; `pressed` is their colour then. */
  corners: {
    size: 24,
    pressed: 0x4fa3f7,
    targets: [
      { x: 4, y: 4 },
      { x: 1019, y: 4 },
      { x: 4, y: 763 },
      { x: 1019, y: 763 },
    ],
    /** Where the colour shows once pressed, apart from the cursor that is still there: middles of the targets' inner squares. */
    lamps: [
      { x: 12, y: 12 },
      { x: 1012, y: 12 },
      { x: 12, y: 756 },
      { x: 1012, y: 756 },
    ],
  },
  /** The only pixels that change while the line stands still and nobody touches anything: the clock each second ... */
  clock: { x: 780, y: 8, width: 212, height: 30 },
  /** ... and, in the first five minutes, the growing ends of the trend's three lines (a few pixels in two seconds). */
  trend: { x: 58, y: 482, width: 450, height: 200 },
} as const;
