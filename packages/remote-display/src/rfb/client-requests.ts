import { MalformedMessage, MessageReader } from '../protocol/message-reader.js';
import type { Rectangle } from '../screen/region.js';
import type { Inbox } from './byte-stream.js';
import { CLIENT_MESSAGE } from './constants.js';
import { PIXEL_FORMAT_BYTES, type PixelFormat, readPixelFormat } from './pixel-format.js';

/** What an RFB client may ask, RFC 6143 §7.5. */
export type RfbRequest =
  | { readonly type: 'set-pixel-format'; readonly format: PixelFormat }
  | { readonly type: 'set-encodings'; readonly encodings: readonly number[] }
  | { readonly type: 'update-request'; readonly incremental: boolean; readonly area: Rectangle }
  | { readonly type: 'key'; readonly keysym: number; readonly down: boolean }
  | { readonly type: 'extended-key'; readonly keysym: number; readonly scanCode: number; readonly down: boolean }
  | { readonly type: 'pointer'; readonly x: number; readonly y: number; readonly buttons: number }
  | { readonly type: 'cut-text' }
  | { readonly type: 'set-desktop-size' };

/** A client lists some tens of encodings. */
const MAX_ENCODINGS = 1_024;
/** Cut text is read and dropped; more than this is not typed by anybody. */
const MAX_CUT_TEXT_BYTES = 1024 * 1024;
const QEMU_EXTENDED_KEY = 0;

/** Takes the next whole request, or returns `undefined` when it has not all arrived. @throws MalformedMessage */
export function takeRequest(inbox: Inbox): RfbRequest | undefined {
  const type = inbox.peek(0);
  if (type === undefined) return undefined;
  const length = requestLength(inbox, type);
  const bytes = length === undefined ? undefined : inbox.take(length);
  return bytes && read(type, new MessageReader(bytes.subarray(1)), bytes);
}

/** Length of the request that begins here, once the fields it depends on are there. */
function requestLength(inbox: Inbox, type: number): number | undefined {
  switch (type) {
    case CLIENT_MESSAGE.setPixelFormat:
      return 4 + PIXEL_FORMAT_BYTES;
    case CLIENT_MESSAGE.setEncodings: {
      const count = peekNumber(inbox, 2, 2);
      if (count !== undefined && count > MAX_ENCODINGS) throw new MalformedMessage(`${count} encodings`);
      return count === undefined ? undefined : 4 + 4 * count;
    }
    case CLIENT_MESSAGE.framebufferUpdateRequest:
      return 10;
    case CLIENT_MESSAGE.keyEvent:
      return 8;
    case CLIENT_MESSAGE.pointerEvent:
      return 6;
    case CLIENT_MESSAGE.clientCutText: {
      const field = peekNumber(inbox, 4, 4);
      // A negative length is the extended clipboard's.
      const length = field === undefined ? undefined : Math.abs(field | 0);
      if (length !== undefined && length > MAX_CUT_TEXT_BYTES) throw new MalformedMessage(`cut text of ${length} bytes`);
      return length === undefined ? undefined : 8 + length;
    }
    case CLIENT_MESSAGE.setDesktopSize: {
      const screens = inbox.peek(6);
      return screens === undefined ? undefined : 8 + 16 * screens;
    }
    case CLIENT_MESSAGE.qemu: {
      const kind = inbox.peek(1);
      if (kind !== undefined && kind !== QEMU_EXTENDED_KEY) throw new MalformedMessage(`QEMU message ${kind}`);
      return 12;
    }
    default:
      throw new MalformedMessage(`RFB message ${type}`);
  }
}

function read(type: number, from: MessageReader, bytes: Uint8Array): RfbRequest {
  switch (type) {
    case CLIENT_MESSAGE.setPixelFormat:
      return { type: 'set-pixel-format', format: readPixelFormat(bytes.subarray(4)) };
    case CLIENT_MESSAGE.setEncodings: {
      from.bytes(1);
      const count = from.u16();
      return { type: 'set-encodings', encodings: Array.from({ length: count }, () => from.u32() | 0) };
    }
    case CLIENT_MESSAGE.framebufferUpdateRequest: {
      const incremental = from.u8() !== 0;
      return { type: 'update-request', incremental, area: { x: from.u16(), y: from.u16(), widthPx: from.u16(), heightPx: from.u16() } };
    }
    case CLIENT_MESSAGE.keyEvent: {
      const down = from.u8() !== 0;
      from.bytes(2);
      return { type: 'key', keysym: from.u32(), down };
    }
    case CLIENT_MESSAGE.pointerEvent: {
      const buttons = from.u8();
      return { type: 'pointer', x: from.u16(), y: from.u16(), buttons };
    }
    case CLIENT_MESSAGE.qemu: {
      from.bytes(1);
      const down = from.u16() !== 0;
      return { type: 'extended-key', down, keysym: from.u32(), scanCode: from.u32() };
    }
    case CLIENT_MESSAGE.setDesktopSize:
      return { type: 'set-desktop-size' };
    default:
      return { type: 'cut-text' };
  }
}

/** A big-endian number at `offset` from here, without taking it. */
function peekNumber(inbox: Inbox, offset: number, bytes: number): number | undefined {
  let value = 0;
  for (let i = 0; i < bytes; i++) {
    const byte = inbox.peek(offset + i);
    if (byte === undefined) return undefined;
    value = value * 256 + byte;
  }
  return value;
}
