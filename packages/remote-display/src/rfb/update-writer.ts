import { MessageWriter } from '../protocol/message-writer.js';
import type { PointerMode, PointerShape, TextCursor } from '../protocol/server-messages.js';
import type { Frame } from '../screen/frame.js';
import type { Copy } from '../screen/motion.js';
import { clipToScreen, type Rectangle } from '../screen/region.js';
import { ENCODING, SERVER_MESSAGE } from './constants.js';
import { encodeRaw } from './encodings/raw.js';
import { encodeZrleTiles } from './encodings/zrle.js';
import type { PixelConverter } from './pixel-format.js';

/** A rectangle of an update: its header and data; `deflate` is ZRLE's tile data that the zlib stream still has to take. */
interface Part {
  readonly header: Uint8Array;
  readonly data?: Uint8Array;
  readonly deflate?: Uint8Array;
}

/** Collects the rectangles of one FramebufferUpdate (RFC 6143 §7.6.1). Everything is encoded at once, so the picture may change afterwards. */
export class UpdateWriter {
  readonly #parts: Part[] = [];

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  copy({ sourceX, sourceY, to }: Copy): void {
    this.#parts.push({ header: rectangle(to, ENCODING.copyRect), data: new MessageWriter().u16(sourceX).u16(sourceY).take() });
  }

  /** Pixels of `area`, with the text cursor drawn in: RFB has no other way to show one. */
  pixels(frame: Frame, area: Rectangle, cursor: TextCursor | undefined, pixels: PixelConverter, encoding: number): void {
    withTextCursor(frame, cursor, () => {
      if (encoding === ENCODING.zrle)
        this.#parts.push({ header: rectangle(area, ENCODING.zrle), deflate: encodeZrleTiles(frame, area, pixels) });
      else this.#parts.push({ header: rectangle(area, ENCODING.raw), data: encodeRaw(frame, area, pixels) });
    });
  }

  /** Cursor pseudo-encoding, RFC 6143 §7.8.1; no shape: a cursor of no size. */
  pointerShape(shape: PointerShape | undefined, pixels: PixelConverter): void {
    const { widthPx, heightPx, hotX, hotY } = shape ?? { widthPx: 0, heightPx: 0, hotX: 0, hotY: 0 };
    const bytesPerMaskRow = Math.ceil(widthPx / 8);
    const image = new Uint8Array(widthPx * heightPx * pixels.bytesPerPixel);
    const mask = new Uint8Array(bytesPerMaskRow * heightPx);
    shape?.pixels.forEach((pixel, i) => {
      pixels.put(pixel, image, i * pixels.bytesPerPixel);
      const at = Math.floor(i / widthPx) * bytesPerMaskRow + ((i % widthPx) >> 3);
      // The mask knows no half-transparency: half and more is opaque.
      if (pixel >>> 24 >= 0x80) mask[at] = mask[at]! | (0x80 >> ((i % widthPx) & 7));
    });
    const header = rectangle({ x: hotX, y: hotY, widthPx, heightPx }, ENCODING.cursor);
    this.#parts.push({ header, data: new MessageWriter().bytes(image).bytes(mask).take() });
  }

  /** DesktopSize, RFC 6143 §7.8.2. */
  desktopSize(widthPx: number, heightPx: number): void {
    this.#parts.push({ header: rectangle({ x: 0, y: 0, widthPx, heightPx }, ENCODING.desktopSize) });
  }

  /** ExtendedDesktopSize with one screen; `reason` 0: the server's, 1: this client asked; `status` 1: prohibited. */
  extendedDesktopSize(widthPx: number, heightPx: number, reason: number, status: number): void {
    const data = new MessageWriter().u8(1).u24(0).u32(0).u16(0).u16(0).u16(widthPx).u16(heightPx).u32(0).take();
    this.#parts.push({ header: rectangle({ x: reason, y: status, widthPx, heightPx }, ENCODING.extendedDesktopSize), data });
  }

  /** Tells the client that it may send QEMU extended key events. */
  extendedKeys(): void {
    this.#parts.push({ header: rectangle({ x: 0, y: 0, widthPx: 0, heightPx: 0 }, ENCODING.qemuExtendedKeyEvent) });
  }

  /** Tells the client whether positions or differences are wanted. */
  pointerMode(mode: PointerMode, size: { readonly widthPx: number; readonly heightPx: number }): void {
    const area = { x: mode === 'absolute' ? 1 : 0, y: 0, ...size };
    this.#parts.push({ header: rectangle(area, ENCODING.qemuPointerMotionChange) });
  }

  /** The whole message; `deflate` continues the connection's zlib stream. */
  async take(deflate: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
    const out = new MessageWriter(4096).u8(SERVER_MESSAGE.framebufferUpdate).u8(0).u16(this.#parts.length);
    for (const part of this.#parts) {
      out.bytes(part.header);
      if (part.data) out.bytes(part.data);
      if (!part.deflate) continue;
      const deflated = await deflate(part.deflate);
      out.u32(deflated.length).bytes(deflated);
    }
    return out.take();
  }
}

function rectangle(area: Rectangle, encoding: number): Uint8Array {
  return new MessageWriter(12)
    .u16(area.x)
    .u16(area.y)
    .u16(area.widthPx)
    .u16(area.heightPx)
    .u32(encoding >>> 0)
    .take();
}

/** Runs `encode` while the text cursor stands in the picture, and takes it back. */
function withTextCursor(frame: Frame, cursor: TextCursor | undefined, encode: () => void): void {
  const area = cursor && clipToScreen(cursor, frame.widthPx, frame.heightPx);
  if (!area) return encode();
  const saved: Uint32Array[] = [];
  for (let y = area.y; y < area.y + area.heightPx; y++) {
    const start = y * frame.widthPx + area.x;
    saved.push(frame.pixels.slice(start, start + area.widthPx));
    frame.pixels.fill((0xff00_0000 | cursor!.color) >>> 0, start, start + area.widthPx);
  }
  encode();
  for (const [i, row] of saved.entries()) frame.pixels.set(row, (area.y + i) * frame.widthPx + area.x);
}
