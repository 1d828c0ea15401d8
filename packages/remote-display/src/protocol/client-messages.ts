import { MAX_KEY_USAGE } from './keys.js';
import { codecOf, type LayoutTable, type MessageLayout } from './layout.js';
import { CHANNEL, PROTOCOL_VERSION, SESSION_ID_BYTES } from './limits.js';

/** Ids of input messages: chosen by the client, rising from 1, echoed in the first frame captured after they took effect. */
export type InputId = number;

/** What a client may say. Numbers and layouts: docs/protocol/remote-display.md §4. */
export type ClientMessage =
  | { readonly type: 'hello'; readonly features: number; readonly resume?: { readonly session: Uint8Array; readonly lastFrame: number } }
  | { readonly type: 'ping'; readonly token: number }
  | { readonly type: 'pong'; readonly token: number }
  | { readonly type: 'request-control' }
  | { readonly type: 'hand-over' }
  | { readonly type: 'take-control' }
  | { readonly type: 'decline-control' }
  | { readonly type: 'bye' }
  | { readonly type: 'acknowledge'; readonly frame: number; readonly decodeMicros: number }
  | { readonly type: 'refresh' }
  | InputMessage;

/** The members of ClientMessage that only the holder of the control lease may send with effect. */
export type InputMessage =
  | { readonly type: 'key'; readonly id: InputId; readonly usage: number; readonly down: boolean }
  | { readonly type: 'pointer-absolute'; readonly id: InputId; readonly x: number; readonly y: number; readonly buttons: number }
  | { readonly type: 'pointer-relative'; readonly id: InputId; readonly dx: number; readonly dy: number; readonly buttons: number }
  | { readonly type: 'wheel'; readonly id: InputId; readonly dz: number }
  | { readonly type: 'release-all'; readonly id: InputId }
  | { readonly type: 'sync'; readonly id: InputId };

/** Something that a person does on purpose; a pointer also passes over a screen that somebody only looks at. */
export function isUse(message: InputMessage): boolean {
  switch (message.type) {
    case 'key':
      return message.down;
    case 'pointer-absolute':
    case 'pointer-relative':
      return message.buttons !== 0;
    case 'wheel':
      return true;
    case 'release-all':
    case 'sync':
      return false;
  }
}

function empty<T extends ClientMessage['type']>(
  channel: number,
  type: number,
  name: T,
): MessageLayout<Extract<ClientMessage, { type: T }>> {
  // The cast holds for members whose only field is `type`; the callers below are those.
  return { channel, type, write() {}, read: () => ({ type: name }) as unknown as Extract<ClientMessage, { type: T }> };
}

const LAYOUTS: LayoutTable<ClientMessage> = {
  hello: {
    channel: CHANNEL.control,
    type: 1,
    write(m, out) {
      out
        .u8(PROTOCOL_VERSION)
        .u32(m.features)
        .flag(m.resume !== undefined);
      if (m.resume) out.bytes(m.resume.session).u32(m.resume.lastFrame);
    },
    read(from) {
      const version = from.u8();
      if (version !== PROTOCOL_VERSION) throw from.malformed(`protocol version ${version} is not spoken here`);
      const features = from.u32();
      if (!from.flag()) return { type: 'hello', features };
      return { type: 'hello', features, resume: { session: from.bytes(SESSION_ID_BYTES).slice(), lastFrame: from.u32() } };
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
  'request-control': empty(CHANNEL.control, 6, 'request-control'),
  'hand-over': empty(CHANNEL.control, 7, 'hand-over'),
  'take-control': empty(CHANNEL.control, 8, 'take-control'),
  bye: empty(CHANNEL.control, 9, 'bye'),
  'decline-control': empty(CHANNEL.control, 11, 'decline-control'),
  acknowledge: {
    channel: CHANNEL.video,
    type: 3,
    write: (m, out) => void out.u32(m.frame).u32(Math.min(m.decodeMicros, 0xffff_ffff)),
    read: (from) => ({ type: 'acknowledge', frame: from.u32(), decodeMicros: from.u32() }),
  },
  refresh: empty(CHANNEL.video, 4, 'refresh'),
  key: {
    channel: CHANNEL.input,
    type: 1,
    write: (m, out) => void out.varint(m.id).u16(m.usage).flag(m.down),
    read(from) {
      const id = from.varint();
      const usage = from.u16();
      if (usage === 0 || usage > MAX_KEY_USAGE) throw from.malformed(`key usage ${usage}`);
      return { type: 'key', id, usage, down: from.flag() };
    },
  },
  'pointer-absolute': {
    channel: CHANNEL.input,
    type: 2,
    write: (m, out) => void out.varint(m.id).u16(m.x).u16(m.y).u8(m.buttons),
    read: (from) => ({ type: 'pointer-absolute', id: from.varint(), x: from.u16(), y: from.u16(), buttons: from.u8() }),
  },
  'pointer-relative': {
    channel: CHANNEL.input,
    type: 3,
    write: (m, out) =>
      void out
        .varint(m.id)
        .u16(clamp(m.dx, 0x7fff) & 0xffff)
        .u16(clamp(m.dy, 0x7fff) & 0xffff)
        .u8(m.buttons),
    read: (from) => ({ type: 'pointer-relative', id: from.varint(), dx: from.i16(), dy: from.i16(), buttons: from.u8() }),
  },
  wheel: {
    channel: CHANNEL.input,
    type: 4,
    write: (m, out) => void out.varint(m.id).u8(clamp(m.dz, 0x7f) & 0xff),
    read: (from) => ({ type: 'wheel', id: from.varint(), dz: from.i8() }),
  },
  'release-all': {
    channel: CHANNEL.input,
    type: 5,
    write: (m, out) => void out.varint(m.id),
    read: (from) => ({ type: 'release-all', id: from.varint() }),
  },
  sync: {
    channel: CHANNEL.input,
    type: 6,
    write: (m, out) => void out.varint(m.id),
    read: (from) => ({ type: 'sync', id: from.varint() }),
  },
};

function clamp(value: number, limit: number): number {
  return Math.max(-limit - 1, Math.min(limit, Math.trunc(value)));
}

/** Client → server: written by the client, read by the server. */
export const clientMessages = codecOf<ClientMessage>(LAYOUTS);
