import { setTimeout as sleep } from 'node:timers/promises';
import { BUTTON, type PointerMode, toAbsolute } from '@millwright/remote-display/protocol';
import { usage } from '../command-error.js';
import { wholeNumber } from '../terminal/format.js';
import type { Input } from './display-session.js';

export interface Screen {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a pointer act needs of a display session. */
export interface PointerTarget {
  readonly pointerMode: PointerMode;
  size(): Promise<Screen>;
  send(inputs: readonly Input[]): Promise<void>;
}

/** A pixel where the guest has an absolute pointer, else a difference. */
interface Place {
  readonly x: number;
  readonly y: number;
}

export type PointerAct = (target: PointerTarget) => Promise<void>;

/** A click as short as a hand's; a guest that looks at the button from time to time still sees it. */
const CLICK_MS = 60;
/** A relative mouse moves at most this far in one packet (PS/2: nine bits); larger differences go in steps. */
const MAX_STEP = 127;
const FARTHEST = 32_767;
const NO_MOVE: Place = { x: 0, y: 0 };

/** Everything that can be checked is checked here, before anybody is disturbed. @throws CommandError */
export function pointerAct(action: string, texts: readonly string[], button: number, clicks: number): PointerAct {
  const numbers = texts.map((text) => wholeNumber(action, text, -FARTHEST, FARTHEST));
  const place = (at: number): Place => ({ x: numbers[at]!, y: numbers[at + 1]! });
  switch (`${action} ${numbers.length}`) {
    case 'move 2':
      return async (target) => target.send(await moves(target, place(0), 0));
    case 'click 0':
      return (target) => click(target, undefined, button, clicks);
    case 'click 2':
      return (target) => click(target, place(0), button, clicks);
    case 'drag 4':
      return (target) => drag(target, place(0), place(2), button);
    case 'scroll 1':
    case 'scroll 3': {
      const dz = wholeNumber('scroll', texts[0]!, -127, 127);
      return async (target) => target.send([...(numbers.length === 3 ? await moves(target, place(1), 0) : []), { type: 'wheel', dz }]);
    }
    default:
      throw usage(`pointer ${[action, ...texts].join(' ')}: give move X Y, click, click X Y, drag X Y X Y, scroll N, or scroll N X Y.`);
  }
}

async function click(target: PointerTarget, at: Place | undefined, button: number, clicks: number): Promise<void> {
  // Where an absolute pointer is now is known to the guest alone.
  if (!at && target.pointerMode === 'absolute') throw usage('This guest has an absolute pointer: give X and Y of the click.');
  await target.send(await moves(target, at ?? NO_MOVE, 0));
  for (let done = 0; done < clicks; done++) {
    for (const buttons of [button, 0]) {
      await target.send(await stays(target, at, buttons));
      await sleep(CLICK_MS);
    }
  }
}

async function drag(target: PointerTarget, from: Place, to: Place, button: number): Promise<void> {
  await target.send(await moves(target, from, 0));
  await target.send(await stays(target, from, button));
  await sleep(CLICK_MS);
  await target.send(await moves(target, to, button));
  await sleep(CLICK_MS);
  await target.send(await stays(target, to, 0));
}

async function moves(target: PointerTarget, place: Place, buttons: number): Promise<Input[]> {
  return target.pointerMode === 'absolute' ? moveTo(place, buttons, await target.size()) : moveBy(place, buttons);
}

/** Buttons change, the pointer stays where it was put. */
async function stays(target: PointerTarget, at: Place | undefined, buttons: number): Promise<Input[]> {
  return target.pointerMode === 'absolute' && at ? moveTo(at, buttons, await target.size()) : moveBy(NO_MOVE, buttons);
}

/** Moves to a pixel. @throws CommandError when it is not on the screen */
export function moveTo({ x, y }: Place, buttons: number, screen: Screen): Input[] {
  if (x < 0 || y < 0 || x >= screen.widthPx || y >= screen.heightPx) {
    throw usage(`${x} ${y} is not on the screen of ${screen.widthPx}x${screen.heightPx} pixels. The first pixel is 0 0.`);
  }
  return [{ type: 'pointer-absolute', x: toAbsolute(x, screen.widthPx), y: toAbsolute(y, screen.heightPx), buttons }];
}

/** Moves by a difference, in steps that a mouse packet holds; their sum is exact. */
export function moveBy({ x, y }: Place, buttons: number): Input[] {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x), Math.abs(y)) / MAX_STEP));
  const after = (total: number, step: number): number => Math.trunc((total * step) / steps);
  return Array.from({ length: steps }, (_, i) => ({
    type: 'pointer-relative' as const,
    dx: after(x, i + 1) - after(x, i),
    dy: after(y, i + 1) - after(y, i),
    buttons,
  }));
}

/** @throws CommandError */
export function buttonBits(name: string): number {
  if (!Object.hasOwn(BUTTON, name)) throw usage(`--button ${name}: give one of ${Object.keys(BUTTON).join(', ')}.`);
  return BUTTON[name as keyof typeof BUTTON];
}
