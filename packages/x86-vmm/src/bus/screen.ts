/** A rectangle in pixels; `x + width` and `y + height` never exceed the frame. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A text-mode screen's cells, kept beside the pixels so that a console can be searched and waited for. */
export interface TextScreen {
  readonly columns: number;
  readonly rows: number;
  /** Row-major cells, two bytes each: code-page-437 character, attribute. */
  readonly cells: Uint8Array;
}

/** A blinking or steady text cursor in pixels, drawn by the viewer; absent where the mode has none or it is off. */
export interface TextCursor extends Rectangle {
  /** 0xRRGGBB that the lit cursor has. */
  readonly color: number;
}

/** A text cell that blinks: the picture shows it on; in the off phase the viewer fills it with `background` (0xRRGGBB). */
export interface BlinkingCell extends Rectangle {
  readonly background: number;
}

/**
 * What a display adapter shows. `render` draws everything damaged since its last call into `frame` (0xffRRGGBB little-endian
 * 32-bit pixels, i.e. bytes B,G,R,ff; `stride` in pixels) and returns the damaged rectangles; a change of mode damages all.
 * The picture is the framebuffer with the blink phase on and without the text cursor. Cost is proportional to damage; when
 * nothing changed it is a few comparisons.
 */
export interface ScreenSource {
  readonly widthPx: number;
  readonly heightPx: number;
  render(frame: Uint32Array, stride: number): readonly Rectangle[];
  readonly cursor: TextCursor | undefined;
  /** Cells whose attribute blinks, empty where none does; a new array only when it changed. */
  readonly blinkingCells: readonly BlinkingCell[];
  readonly text: TextScreen | undefined;
}

/** Largest picture the board can show: 1920x1080. */
export const MAX_WIDTH_PX = 1920;
export const MAX_HEIGHT_PX = 1200;

/** Pages of video memory written by the CPU since they were last taken (one byte a 4 KiB page, non-zero: dirty). */
export interface VideoDirtyPages {
  readonly dirty: Uint8Array;
  /** To be called after bytes of `dirty` were cleared: the CPU's direct write translations to video memory are dropped. */
  rearm(): void;
}
