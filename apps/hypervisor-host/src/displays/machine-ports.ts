import type { InputPort, ScreenPort, ScreenUpdate } from '@millwright/remote-display/server';
import type { Machine } from '@millwright/x86-vmm';

/** VGA text blinks every 32 of its 70 frames a second, the cursor every 16 (IBM VGA, CRT controller timing). */
const TEXT_HALF_PERIOD_MS = 457;
const CURSOR_HALF_PERIOD_MS = 229;

/** A machine's screen as the display server wants it. Neither side knows the other; this file joins them. */
export class MachineScreen implements ScreenPort {
  #widthPx = 720;
  #heightPx = 400;
  #first = true;

  constructor(private readonly machine: Machine) {}

  get widthPx(): number {
    return this.#widthPx;
  }
  get heightPx(): number {
    return this.#heightPx;
  }
  get frame(): Uint32Array {
    return this.machine.frame;
  }

  async requestUpdate(): Promise<ScreenUpdate> {
    const update = await this.machine.requestUpdate(this.#first);
    this.#first = false;
    this.#widthPx = update.widthPx;
    this.#heightPx = update.heightPx;
    const { cursor, blinkingCells } = update;
    return {
      widthPx: update.widthPx,
      heightPx: update.heightPx,
      rectangles: update.rectangles.map(inPixels),
      ...(cursor ? { cursor: { ...inPixels(cursor), color: cursor.color, halfPeriodMs: CURSOR_HALF_PERIOD_MS } } : {}),
      ...(blinkingCells.length > 0
        ? {
            blink: {
              halfPeriodMs: TEXT_HALF_PERIOD_MS,
              cells: blinkingCells.map((cell) => ({ ...inPixels(cell), background: cell.background })),
            },
          }
        : {}),
    };
  }
}

/** Keyboard and pointer of a machine; every call waits until the guest's controller has taken the event. */
export class MachineInput implements InputPort {
  #buttons = 0;
  #absolute: { x: number; y: number } | undefined;

  constructor(private readonly machine: Machine) {}

  key(usage: number, down: boolean): Promise<void> {
    return this.machine.key(usage, down);
  }

  pointerAbsolute(x: number, y: number, buttons: number): Promise<void> {
    this.#buttons = buttons;
    this.#absolute = { x, y };
    return this.machine.movePointerTo(x, y, 0, buttons);
  }

  pointerRelative(dx: number, dy: number, buttons: number): Promise<void> {
    this.#buttons = buttons;
    this.#absolute = undefined;
    return this.machine.pointerRelative(dx, dy, 0, buttons);
  }

  wheel(dz: number): Promise<void> {
    if (this.#absolute && this.machine.pointerAbsolute)
      return this.machine.movePointerTo(this.#absolute.x, this.#absolute.y, dz, this.#buttons);
    return this.machine.pointerRelative(0, 0, dz, this.#buttons);
  }
}

function inPixels(rectangle: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): {
  x: number;
  y: number;
  widthPx: number;
  heightPx: number;
} {
  return { x: rectangle.x, y: rectangle.y, widthPx: rectangle.width, heightPx: rectangle.height };
}
