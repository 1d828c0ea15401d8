import { isUse } from '../protocol/client-messages.js';
import { MalformedMessage } from '../protocol/message-reader.js';
import { MessageWriter } from '../protocol/message-writer.js';
import type { PointerMode, Rights, TextCursor } from '../protocol/server-messages.js';
import { CELL_PX, Damage } from '../screen/damage.js';
import { clipToScreen, intersect, type Rectangle } from '../screen/region.js';
import type { FeedUpdate, ScreenConsumer } from '../screen/screen-feed.js';
import type { AuthorizedSession, DisplayPeer, DisplayServer } from '../server/display-server.js';
import { type ByteStream, Inbox } from './byte-stream.js';
import { type RfbRequest, takeRequest } from './client-requests.js';
import { ENCODING, SERVER_MESSAGE } from './constants.js';
import { Handshake, type RfbSecurity } from './handshake.js';
import { colorMapEntries, NATIVE_FORMAT, PixelConverter, writePixelFormat } from './pixel-format.js';
import { RfbInput } from './rfb-input.js';
import { UpdateWriter } from './update-writer.js';
import { ZlibStream } from './zlib-stream.js';

/** What is due to a client besides pixels, if it understands it. */
interface Dues {
  size: boolean;
  /** Answer to SetDesktopSize. */
  refusedResize: boolean;
  pointerShape: boolean;
  extendedKeys: boolean;
  pointerMode: boolean;
}

/**
 * One RFB client (RFC 6143). It pulls: an update is sent when the client has asked and something it asked for
 * has changed, so a slow client gets fewer updates and never old ones.
 */
export class RfbSession implements ScreenConsumer, DisplayPeer {
  readonly user: string;
  readonly name: string;
  readonly rights: Rights;
  readonly #display: DisplayServer;
  readonly #stream: ByteStream;
  readonly #desktopName: string;
  readonly #inbox = new Inbox();
  readonly #handshake: Handshake;
  readonly #zlib = new ZlibStream();
  readonly #input: RfbInput;
  readonly #due: Dues = { size: false, refusedResize: false, pointerShape: false, extendedKeys: false, pointerMode: false };
  #leave: (() => void)[] = [];
  #converter = new PixelConverter(NATIVE_FORMAT);
  #encodings = new Set<number>();
  #pixelEncoding: number = ENCODING.raw;
  /** What the client does not have; of the size the client knows. */
  #pending = new Damage(1, 1);
  /** The client's outstanding request. */
  #requested: Rectangle | undefined;
  #isSending = false;
  #isOpen = true;
  /** Where the text cursor was last drawn. */
  #cursor: TextCursor | undefined;

  constructor(
    display: DisplayServer,
    stream: ByteStream,
    session: AuthorizedSession,
    options: { readonly security: RfbSecurity; readonly desktopName: string; readonly random: (into: Uint8Array<ArrayBuffer>) => void },
  ) {
    this.user = session.user;
    this.name = session.name;
    this.rights = session.rights;
    this.#display = display;
    this.#stream = stream;
    this.#desktopName = options.desktopName;
    this.#input = new RfbInput((message) => {
      const passes = isUse(message) ? display.lease.use(this) : display.lease.holds(this);
      if (passes && !display.gate.push(message)) this.close();
    });
    this.#handshake = new Handshake(options.security, (bytes) => this.#write(bytes), options.random);
    stream.on('data', (bytes) => this.#receive(bytes));
    stream.on('drain', () => this.#advance());
    stream.on('close', () => this.close());
    stream.on('error', () => this.close());
  }

  get isReady(): boolean {
    return this.#handshake.isDone;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const leave of this.#leave) leave();
    this.#display.lease.leave(this);
    this.#zlib.close();
    this.#stream.destroy();
  }

  hungry(): boolean {
    return this.#canSend() && this.#wanted().length === 0;
  }

  resized(): void {
    // Pixels of the new size may follow only when the client has been told of it.
    this.#pending = this.#everything();
    this.#cursor = this.#display.screen.cursor;
    if (!this.#encodings.has(ENCODING.desktopSize) && !this.#encodings.has(ENCODING.extendedDesktopSize)) return this.close();
    this.#due.size = true;
    this.#advance();
  }

  updated({ damage, copies, rest }: FeedUpdate): void {
    const asksForAll = this.#requested && this.#covers(this.#requested);
    const cursorInWay = copies.some(
      ({ sourceX, sourceY, to }) => this.#hitsCursor({ ...to, x: sourceX, y: sourceY }) || this.#hitsCursor(to),
    );
    if (
      copies.length > 0 &&
      asksForAll &&
      this.#canSend() &&
      this.#encodings.has(ENCODING.copyRect) &&
      !cursorInWay &&
      this.#pending.isEmpty
    ) {
      const update = this.#beginUpdate();
      for (const copy of copies) update.copy(copy);
      this.#writePixels(update, rest.rectangles());
      this.#send(update);
      return;
    }
    this.#pending.union(damage);
    this.#advance();
  }

  cursorChanged(): void {
    for (const cursor of [this.#cursor, this.#display.screen.cursor]) this.#damage(cursor);
    this.#cursor = this.#display.screen.cursor;
    this.#due.pointerShape = true;
    this.#advance();
  }

  ended(_reason: string): void {
    this.close();
  }

  controlChanged(): void {}
  ledsChanged(): void {}

  pointerModeChanged(_mode: PointerMode): void {
    this.#due.pointerMode = true;
    this.#advance();
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#inbox.push(bytes);
    try {
      while (!this.#handshake.isDone && this.#handshake.step(this.#inbox)) if (this.#handshake.isDone) this.#begin();
      if (this.#handshake.isRefused) return this.close();
      if (!this.#handshake.isDone) return;
      for (let request = this.#next(); request; request = this.#next()) this.#handle(request);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.close();
    }
  }

  #next(): RfbRequest | undefined {
    return this.#isOpen ? takeRequest(this.#inbox) : undefined;
  }

  /** ServerInit, RFC 6143 §7.3.2; from here on the session takes part. */
  #begin(): void {
    const { widthPx, heightPx } = this.#display.screen.frame;
    const out = new MessageWriter().u16(widthPx).u16(heightPx);
    writePixelFormat(NATIVE_FORMAT, out);
    const name = new TextEncoder().encode(this.#desktopName);
    this.#write(out.u32(name.length).bytes(name).take());
    this.#pending = this.#everything();
    this.#cursor = this.#display.screen.cursor;
    this.#leave = [this.#display.screen.add(this), this.#display.addPeer(this)];
    this.#display.lease.join(this);
    if (this.#display.screen.endReason !== undefined) this.close();
  }

  #handle(request: RfbRequest): void {
    switch (request.type) {
      case 'set-pixel-format':
        this.#converter = new PixelConverter(request.format);
        this.#due.pointerShape = true;
        if (!request.format.trueColor) this.#sendColorMap();
        return;
      case 'set-encodings':
        return this.#setEncodings(request.encodings);
      case 'update-request':
        return this.#request(request.incremental, request.area);
      case 'key':
        return this.#input.key(request.keysym, request.down);
      case 'extended-key':
        return this.#input.extendedKey(request.scanCode, request.keysym, request.down);
      case 'pointer': {
        const sendsDifferences = this.#encodings.has(ENCODING.qemuPointerMotionChange);
        const { pointerMode, screen } = this.#display;
        return this.#input.pointer(request.x, request.y, request.buttons, pointerMode, sendsDifferences, screen.frame);
      }
      case 'set-desktop-size':
        this.#due.refusedResize = true;
        return this.#advance();
      case 'cut-text':
        return;
    }
  }

  #setEncodings(encodings: readonly number[]): void {
    this.#encodings = new Set(encodings);
    this.#pixelEncoding = encodings.find((encoding) => encoding === ENCODING.zrle || encoding === ENCODING.raw) ?? ENCODING.raw;
    this.#due.size ||= this.#encodings.has(ENCODING.extendedDesktopSize);
    this.#due.pointerShape = this.#due.extendedKeys = this.#due.pointerMode = true;
  }

  #request(incremental: boolean, area: Rectangle): void {
    const { widthPx, heightPx } = this.#display.screen.frame;
    const clipped = clipToScreen(wholeCells(area), widthPx, heightPx);
    if (clipped && !incremental) this.#pending.add(clipped);
    this.#requested = clipped ?? { x: 0, y: 0, widthPx: 0, heightPx: 0 };
    this.#advance();
  }

  /** Sends what is due and wanted, or asks the screen for more. */
  #advance(): void {
    if (!this.#canSend()) return;
    const update = this.#beginUpdate();
    // A change of size goes alone: the client must know it before pixels of that size come.
    if (!this.#resizedIn(update)) {
      const areas = this.#wanted();
      this.#writePixels(update, areas);
      for (const area of areas) this.#pending.remove(area);
    }
    if (update.isEmpty) this.#display.screen.feed();
    else this.#send(update);
  }

  /** Pseudo-rectangles that are due and understood. */
  #beginUpdate(): UpdateWriter {
    const update = new UpdateWriter();
    const { screen, pointerMode } = this.#display;
    if (this.#due.extendedKeys && this.#encodings.has(ENCODING.qemuExtendedKeyEvent)) update.extendedKeys();
    if (this.#due.pointerMode && this.#encodings.has(ENCODING.qemuPointerMotionChange)) update.pointerMode(pointerMode, screen.frame);
    if (this.#due.pointerShape && this.#encodings.has(ENCODING.cursor)) update.pointerShape(screen.pointerShape, this.#converter);
    this.#due.extendedKeys = this.#due.pointerMode = this.#due.pointerShape = false;
    return update;
  }

  #resizedIn(update: UpdateWriter): boolean {
    if (!this.#due.size && !this.#due.refusedResize) return false;
    const { widthPx, heightPx } = this.#display.screen.frame;
    if (!this.#encodings.has(ENCODING.extendedDesktopSize)) update.desktopSize(widthPx, heightPx);
    else if (this.#due.size) update.extendedDesktopSize(widthPx, heightPx, 0, 0);
    else update.extendedDesktopSize(widthPx, heightPx, 1, 1);
    this.#due.size = this.#due.refusedResize = false;
    return true;
  }

  #writePixels(update: UpdateWriter, areas: readonly Rectangle[]): void {
    const { frame } = this.#display.screen;
    for (const area of areas) update.pixels(frame, area, this.#cursor, this.#converter, this.#pixelEncoding);
  }

  #send(update: UpdateWriter): void {
    this.#requested = undefined;
    this.#isSending = true;
    update
      .take((bytes) => this.#zlib.compress(bytes))
      .then(
        (bytes) => {
          this.#isSending = false;
          this.#write(bytes);
          this.#advance();
        },
        () => this.close(),
      );
  }

  #sendColorMap(): void {
    const entries = colorMapEntries();
    const out = new MessageWriter(2048).u8(SERVER_MESSAGE.setColorMapEntries).u8(0).u16(0).u16(entries.length);
    for (const { red, green, blue } of entries) out.u16(red).u16(green).u16(blue);
    this.#write(out.take());
  }

  #canSend(): boolean {
    return this.#isOpen && this.isReady && this.#requested !== undefined && !this.#isSending && this.#stream.writableLength === 0;
  }

  /** Damaged parts inside the client's request. */
  #wanted(): Rectangle[] {
    const { widthPx, heightPx } = this.#pending;
    const requested = this.#requested && clipToScreen(this.#requested, widthPx, heightPx);
    return requested ? this.#pending.within(requested).rectangles() : [];
  }

  #covers(area: Rectangle): boolean {
    const { widthPx, heightPx } = this.#display.screen.frame;
    return contains(area, { x: 0, y: 0, widthPx, heightPx });
  }

  #hitsCursor(area: Rectangle): boolean {
    return this.#cursor !== undefined && intersect(this.#cursor, area) !== undefined;
  }

  #damage(cursor: TextCursor | undefined): void {
    const area = cursor && clipToScreen(cursor, this.#pending.widthPx, this.#pending.heightPx);
    if (area) this.#pending.add(area);
  }

  #everything(): Damage {
    const { widthPx, heightPx } = this.#display.screen.frame;
    const damage = new Damage(widthPx, heightPx);
    damage.addAll();
    return damage;
  }

  #write(bytes: Uint8Array): void {
    if (this.#isOpen) this.#stream.write(bytes);
  }
}

/**
 * A request widened to whole damage cells: what is sent can then be marked as sent, and an odd request does not
 * get the same edge again and again.
 */
function wholeCells(area: Rectangle): Rectangle {
  const x = area.x - (area.x % CELL_PX);
  const y = area.y - (area.y % CELL_PX);
  const right = Math.ceil((area.x + area.widthPx) / CELL_PX) * CELL_PX;
  const bottom = Math.ceil((area.y + area.heightPx) / CELL_PX) * CELL_PX;
  const isEmpty = area.widthPx === 0 || area.heightPx === 0;
  return { x, y, widthPx: isEmpty ? 0 : right - x, heightPx: isEmpty ? 0 : bottom - y };
}

function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.widthPx <= outer.x + outer.widthPx &&
    inner.y + inner.heightPx <= outer.y + outer.heightPx
  );
}
