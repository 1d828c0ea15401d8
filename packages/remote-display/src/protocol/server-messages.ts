import { codecOf, type LayoutTable } from './layout.js';
import {
  CHANNEL,
  MAX_BLINK_CELLS,
  MAX_FRAME_BODY_BYTES,
  MAX_NAME_BYTES,
  MAX_POINTER_SHAPE_PX,
  MAX_REASON_BYTES,
  MAX_SCREEN_PX,
  PROTOCOL_VERSION,
  SESSION_ID_BYTES,
} from './limits.js';
import type { MessageReader } from './message-reader.js';

/** What this viewer may do; the host decides it from the ticket. */
export interface Rights {
  readonly view: boolean;
  readonly control: boolean;
  readonly admin: boolean;
}

/** Who operates. Names are empty when there is nobody. */
export interface ControlState {
  readonly holderName: string;
  readonly youHold: boolean;
  readonly requestedBy: string;
}

export type PointerMode = 'absolute' | 'relative';

export interface Leds {
  readonly numLock: boolean;
  readonly capsLock: boolean;
  readonly scrollLock: boolean;
}

/** Text cursor of a text mode: drawn by the client over the picture, never part of it. */
export interface TextCursor {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** 0xRRGGBB */
  readonly color: number;
  /** Time on, and time off; 0: steady. */
  readonly halfPeriodMs: number;
}

/** Text cells that blink: the picture shows them on; in the off phase the client fills them with `background`. */
export interface Blink {
  readonly halfPeriodMs: number;
  readonly cells: readonly BlinkCell[];
}

export interface BlinkCell {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** 0xRRGGBB */
  readonly background: number;
}

/** Shape of the guest's hardware pointer. `pixels` is 0xAARRGGBB, row by row. */
export interface PointerShape {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly pixels: Uint32Array;
}

/** A frame as it travels: the body is deflated (RFC 1951) when `inflatedBytes` is set. Body: docs §5. */
export interface FrameMessage {
  readonly type: 'frame';
  readonly frame: number;
  /** Highest input id of this viewer that had taken effect when the picture was taken; 0: none yet. */
  readonly inputId: number;
  readonly inflatedBytes?: number;
  readonly body: Uint8Array;
}

/** What a server may say. Numbers and layouts: docs/protocol/remote-display.md §4. */
export type ServerMessage =
  | {
      readonly type: 'welcome';
      readonly features: number;
      readonly session: Uint8Array;
      readonly resumed: boolean;
      readonly rights: Rights;
    }
  | { readonly type: 'ping'; readonly token: number }
  | { readonly type: 'pong'; readonly token: number }
  | { readonly type: 'control-state'; readonly state: ControlState }
  | { readonly type: 'control-declined'; readonly holderName: string }
  | { readonly type: 'bye'; readonly code: number; readonly reason: string }
  | { readonly type: 'geometry'; readonly widthPx: number; readonly heightPx: number }
  | FrameMessage
  | { readonly type: 'text-cursor'; readonly cursor: TextCursor | undefined }
  | { readonly type: 'blink'; readonly blink: Blink | undefined }
  | { readonly type: 'pointer-shape'; readonly shape: PointerShape | undefined }
  | { readonly type: 'pointer-mode'; readonly mode: PointerMode }
  | { readonly type: 'leds'; readonly leds: Leds }
  | { readonly type: 'synced'; readonly id: number };

/** Flag bits of a frame. */
const FRAME_DEFLATED = 0x01;

const LAYOUTS: LayoutTable<ServerMessage> = {
  welcome: {
    channel: CHANNEL.control,
    type: 2,
    write(m, out) {
      const rights = (m.rights.view ? 1 : 0) | (m.rights.control ? 2 : 0) | (m.rights.admin ? 4 : 0);
      out.u8(PROTOCOL_VERSION).u32(m.features).bytes(m.session).flag(m.resumed).u8(rights);
    },
    read(from) {
      const version = from.u8();
      if (version !== PROTOCOL_VERSION) throw from.malformed(`protocol version ${version} is not spoken here`);
      const features = from.u32();
      const session = from.bytes(SESSION_ID_BYTES).slice();
      const resumed = from.flag();
      const bits = from.u8();
      const rights = { view: (bits & 1) !== 0, control: (bits & 2) !== 0, admin: (bits & 4) !== 0 };
      return { type: 'welcome', features, session, resumed, rights };
    },
  },
  ping: {
    channel: CHANNEL.control,
    type: 3,
    write: (m, out) => void out.u32(m.token),
    read: (from) => ({ type: 'ping', token: from.u32() }),
  },
  pong: {
    channel: CHANNEL.control,
    type: 4,
    write: (m, out) => void out.u32(m.token),
    read: (from) => ({ type: 'pong', token: from.u32() }),
  },
  'control-state': {
    channel: CHANNEL.control,
    type: 5,
    write: (m, out) => void out.flag(m.state.youHold).text(m.state.holderName, MAX_NAME_BYTES).text(m.state.requestedBy, MAX_NAME_BYTES),
    read(from) {
      const youHold = from.flag();
      return { type: 'control-state', state: { youHold, holderName: from.text(MAX_NAME_BYTES), requestedBy: from.text(MAX_NAME_BYTES) } };
    },
  },
  bye: {
    channel: CHANNEL.control,
    type: 10,
    write: (m, out) => void out.u16(m.code).text(m.reason, MAX_REASON_BYTES),
    read: (from) => ({ type: 'bye', code: from.u16(), reason: from.text(MAX_REASON_BYTES) }),
  },
  'control-declined': {
    channel: CHANNEL.control,
    type: 12,
    write: (m, out) => void out.text(m.holderName, MAX_NAME_BYTES),
    read: (from) => ({ type: 'control-declined', holderName: from.text(MAX_NAME_BYTES) }),
  },
  geometry: {
    channel: CHANNEL.video,
    type: 1,
    write: (m, out) => void out.u16(m.widthPx).u16(m.heightPx),
    read: (from) => ({ type: 'geometry', widthPx: side(from), heightPx: side(from) }),
  },
  frame: {
    channel: CHANNEL.video,
    type: 2,
    write(m, out) {
      out
        .u32(m.frame)
        .u8(m.inflatedBytes === undefined ? 0 : FRAME_DEFLATED)
        .varint(m.inputId);
      if (m.inflatedBytes !== undefined) out.varint(m.inflatedBytes);
      out.bytes(m.body);
    },
    read(from) {
      const frame = from.u32();
      const flags = from.u8();
      if ((flags & ~FRAME_DEFLATED) !== 0) throw from.malformed(`frame flags ${flags}`);
      const inputId = from.varint();
      if ((flags & FRAME_DEFLATED) === 0) return { type: 'frame', frame, inputId, body: from.bytes(from.left) };
      const inflatedBytes = from.count(MAX_FRAME_BODY_BYTES);
      return { type: 'frame', frame, inputId, inflatedBytes, body: from.bytes(from.left) };
    },
  },
  'text-cursor': {
    channel: CHANNEL.cursor,
    type: 1,
    write(m, out) {
      out.flag(m.cursor !== undefined);
      const c = m.cursor;
      if (c) out.u16(c.x).u16(c.y).u8(c.widthPx).u8(c.heightPx).u24(c.color).u16(c.halfPeriodMs);
    },
    read(from) {
      if (!from.flag()) return { type: 'text-cursor', cursor: undefined };
      const cursor = { x: from.u16(), y: from.u16(), widthPx: from.u8(), heightPx: from.u8(), color: from.u24(), halfPeriodMs: from.u16() };
      return { type: 'text-cursor', cursor };
    },
  },
  blink: {
    channel: CHANNEL.cursor,
    type: 2,
    write(m, out) {
      const cells = (m.blink?.cells ?? []).slice(0, MAX_BLINK_CELLS);
      out.u16(m.blink?.halfPeriodMs ?? 0).varint(cells.length);
      for (const cell of cells) out.u16(cell.x).u16(cell.y).u8(cell.widthPx).u8(cell.heightPx).u24(cell.background);
    },
    read(from) {
      const halfPeriodMs = from.u16();
      const count = from.count(MAX_BLINK_CELLS);
      const cells: BlinkCell[] = [];
      for (let i = 0; i < count; i++) {
        cells.push({ x: from.u16(), y: from.u16(), widthPx: from.u8(), heightPx: from.u8(), background: from.u24() });
      }
      return { type: 'blink', blink: count === 0 ? undefined : { halfPeriodMs, cells } };
    },
  },
  'pointer-shape': {
    channel: CHANNEL.cursor,
    type: 3,
    write(m, out) {
      out.flag(m.shape !== undefined);
      if (!m.shape) return;
      out.u16(m.shape.widthPx).u16(m.shape.heightPx).u16(m.shape.hotX).u16(m.shape.hotY);
      for (const pixel of m.shape.pixels) out.u32(pixel);
    },
    read(from) {
      if (!from.flag()) return { type: 'pointer-shape', shape: undefined };
      const [widthPx, heightPx, hotX, hotY] = [from.u16(), from.u16(), from.u16(), from.u16()];
      if (widthPx > MAX_POINTER_SHAPE_PX || heightPx > MAX_POINTER_SHAPE_PX || widthPx * heightPx === 0)
        throw from.malformed('pointer shape size');
      if (hotX >= widthPx || hotY >= heightPx) throw from.malformed('hot spot outside the pointer shape');
      const pixels = new Uint32Array(widthPx * heightPx);
      for (let i = 0; i < pixels.length; i++) pixels[i] = from.u32();
      return { type: 'pointer-shape', shape: { widthPx, heightPx, hotX, hotY, pixels } };
    },
  },
  'pointer-mode': {
    channel: CHANNEL.input,
    type: 0x81,
    write: (m, out) => void out.flag(m.mode === 'relative'),
    read: (from) => ({ type: 'pointer-mode', mode: from.flag() ? 'relative' : 'absolute' }),
  },
  leds: {
    channel: CHANNEL.input,
    type: 0x82,
    write: (m, out) => void out.u8((m.leds.numLock ? 1 : 0) | (m.leds.capsLock ? 2 : 0) | (m.leds.scrollLock ? 4 : 0)),
    read(from) {
      const bits = from.u8();
      return { type: 'leds', leds: { numLock: (bits & 1) !== 0, capsLock: (bits & 2) !== 0, scrollLock: (bits & 4) !== 0 } };
    },
  },
  synced: {
    channel: CHANNEL.input,
    type: 0x83,
    write: (m, out) => void out.varint(m.id),
    read: (from) => ({ type: 'synced', id: from.varint() }),
  },
};

function side(from: MessageReader): number {
  const px = from.u16();
  if (px === 0 || px > MAX_SCREEN_PX) throw from.malformed(`screen side of ${px} pixels`);
  return px;
}

/** Server → client: written by the server, read by the client. */
export const serverMessages = codecOf<ServerMessage>(LAYOUTS);
