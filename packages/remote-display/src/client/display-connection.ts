import { type ClientMessage, clientMessages, type InputMessage, isUse } from '../protocol/client-messages.js';
import { EnvelopeSplitter } from '../protocol/envelope.js';
import { eventsForCombination, KEY_COMBINATIONS, type KeyCombination, type KeyEvent } from '../protocol/keys.js';
import { type KeyboardLayout, keysForText } from '../protocol/layouts.js';
import {
  CLOSE_CODE,
  FEATURE,
  FINAL_CLOSE_CODES,
  MAX_SERVER_PAYLOAD_BYTES,
  PING_INTERVAL_MS,
  SILENCE_LIMIT_MS,
} from '../protocol/limits.js';
import { encodeOpening } from '../protocol/opening.js';
import { type ControlState, type PointerMode, type Rights, type ServerMessage, serverMessages } from '../protocol/server-messages.js';
import { type DisplayConnection, DisplayEndedError, type DisplayOptions, type DisplayStatus } from './display.js';
import { InputLatency, type LatencySummary } from './input-latency.js';
import { Keyboard } from './keyboard.js';
import { type PaintedFrame, type Painter, preciseNow, type ScreenPicture } from './painter.js';
import { painterOf } from './painters.js';
import { Pointer } from './pointer.js';
import { pauseBeforeAttempt } from './reconnect.js';

/*
 *   connecting ──welcome──► connected ──line lost──► reconnecting ──welcome──► connected
 *        └──────────────────────┴───────bye or close with a final code, close()──────► ended
 */

/** What this client understands of what the protocol leaves open. */
const FEATURES = FEATURE.deflate | FEATURE.copy | FEATURE.decline;
/** Key events sent before the guest's keyboard is waited for. */
const TYPING_BATCH = 64;
/** A refused ticket may be a used one; this many in a row are a decision. */
const MAX_REFUSED_TICKETS = 3;

/** Shows a display on a canvas and keeps it connected until `close`. */
export function connectDisplay(options: DisplayOptions): DisplayConnection {
  return new Display(options);
}

class Display implements DisplayConnection {
  readonly #options: DisplayOptions;
  readonly #painter: Painter;
  readonly #keyboard: Keyboard;
  readonly #pointer: Pointer;
  readonly #latency = new InputLatency();
  readonly #statusListeners = new Set<(status: DisplayStatus) => void>();
  readonly #controlListeners = new Set<(state: ControlState) => void>();
  readonly #syncs = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #painterListener = { painted: (frame: PaintedFrame) => this.#painted(frame), failed: (reason: string) => this.#failed(reason) };
  readonly #stop = new AbortController();
  #status: DisplayStatus = { phase: 'connecting' };
  #control: ControlState = { holderName: '', youHold: false, requestedBy: '' };
  #yielded = false;
  #features = 0;
  #rights: Rights = { view: true, control: false, admin: false };
  #pointerMode: PointerMode = 'absolute';
  #size = { widthPx: 0, heightPx: 0 };
  #socket: WebSocket | undefined;
  #session: Uint8Array | undefined;
  #lastFrame = 0;
  #nextInput = 1;
  #buttons = 0;
  #attempt = 0;
  #refusedTickets = 0;
  #unsentAcknowledgement: PaintedFrame | undefined;
  #lastHeardMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    if (options.onStatus) this.#statusListeners.add(options.onStatus);
    if (options.onControl) this.#controlListeners.add(options.onControl);
    this.#painter = painterOf(options.canvas, options.createWorker);
    this.#painter.listener = this.#painterListener;
    this.#keyboard = new Keyboard(
      options.canvas,
      { key: (usage, down) => this.sendKey(usage, down), releaseAll: () => this.releaseAll() },
      () => this.#pointer.release(),
    );
    this.#pointer = new Pointer(
      options.canvas,
      {
        pointerAbsolute: (x, y, buttons) => this.#sendPointer({ type: 'pointer-absolute', id: 0, x, y, buttons }),
        pointerRelative: (dx, dy, buttons) => this.#sendPointer({ type: 'pointer-relative', id: 0, dx, dy, buttons }),
        wheel: (dz) => this.#sendInput({ type: 'wheel', id: 0, dz }, true),
        mayCapture: () => this.#mayOperate(true),
      },
      () => this.#size,
      (captured) => {
        // The click that captures is not sent, but it is a use.
        if (captured && this.takesControlByUse) this.requestControl();
        if (!captured) this.releaseAll();
        options.onCapture?.(captured);
      },
    );
    document.addEventListener('visibilitychange', () => this.#visibilityChanged(), { signal: this.#stop.signal });
    void this.#connect();
  }

  get status(): DisplayStatus {
    return this.#status;
  }
  get control(): ControlState {
    return this.#control;
  }

  get takesControlByUse(): boolean {
    return !this.#control.youHold && this.#control.holderName === '' && this.#rights.control && !this.#yielded;
  }
  get rights(): Rights {
    return this.#rights;
  }
  get pointerMode(): PointerMode {
    return this.#pointerMode;
  }
  get size(): { readonly widthPx: number; readonly heightPx: number } {
    return this.#size;
  }

  onStatus(listener: (status: DisplayStatus) => void): () => void {
    this.#statusListeners.add(listener);
    listener(this.#status);
    return () => this.#statusListeners.delete(listener);
  }

  onControl(listener: (state: ControlState) => void): () => void {
    this.#controlListeners.add(listener);
    listener(this.#control);
    return () => this.#controlListeners.delete(listener);
  }

  requestControl(): void {
    this.#send({ type: 'request-control' });
  }
  handOver(): void {
    this.#send({ type: 'hand-over' });
  }
  get mayDecline(): boolean {
    return (this.#features & FEATURE.decline) !== 0;
  }
  declineControl(): void {
    if (this.mayDecline) this.#send({ type: 'decline-control' });
  }
  takeControl(): void {
    this.#send({ type: 'take-control' });
  }

  sendKey(usage: number, down: boolean): void {
    this.#sendInput({ type: 'key', id: 0, usage, down }, down);
  }

  sendCombination(keys: KeyCombination | readonly string[]): void {
    const codes = typeof keys === 'string' ? KEY_COMBINATIONS[keys] : keys;
    for (const { usage, down } of eventsForCombination(codes)) this.sendKey(usage, down);
  }

  async typeText(text: string, layout: KeyboardLayout): Promise<{ readonly untypable: string[] }> {
    const { events, untypable } = keysForText(text, layout);
    for (let at = 0; at < events.length; at += TYPING_BATCH) await this.#typeBatch(events.slice(at, at + TYPING_BATCH));
    return { untypable };
  }

  releaseAll(): void {
    this.#sendInput({ type: 'release-all', id: 0 }, false);
  }

  focus(): void {
    this.#keyboard.focus();
  }

  picture(): Promise<ScreenPicture> {
    return this.#painter.picture();
  }

  inputToPaint(): LatencySummary | undefined {
    return this.#latency.summary();
  }

  close(): void {
    this.#end(CLOSE_CODE.normal, 'closed');
  }

  async #typeBatch(events: readonly KeyEvent[]): Promise<void> {
    if (this.#status.phase !== 'connected') throw new Error('The display is not connected.');
    if (!this.#control.youHold) throw new Error('Control of this desktop is elsewhere.');
    for (const { usage, down } of events) this.sendKey(usage, down);
    const id = this.#nextInput++;
    await new Promise<void>((resolve, reject) => {
      this.#syncs.set(id, { resolve, reject });
      this.#send({ type: 'sync', id });
    });
  }

  async #connect(): Promise<void> {
    let ticket: string;
    let opening: Uint8Array<ArrayBuffer>;
    try {
      ticket = await this.#options.ticket();
      opening = encodeOpening(ticket);
    } catch (error) {
      if (error instanceof DisplayEndedError) return this.#end(CLOSE_CODE.forbidden, error.message);
      return this.#retry(error instanceof Error ? error.message : String(error));
    }
    if (this.#status.phase === 'ended') return;
    const socket = this.#open();
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#lastHeardMs = performance.now();
    const splitter = new EnvelopeSplitter(MAX_SERVER_PAYLOAD_BYTES);
    socket.addEventListener('open', () => {
      socket.send(opening);
      const resume = this.#session && { session: this.#session, lastFrame: this.#lastFrame };
      this.#send({ type: 'hello', features: FEATURES, ...(resume && { resume }) });
    });
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      if (this.#socket !== socket) return;
      this.#lastHeardMs = performance.now();
      try {
        splitter.push(new Uint8Array(data), (envelope) => this.#handle(serverMessages.decode(envelope)));
      } catch (error) {
        this.#failed(error instanceof Error ? error.message : String(error));
      }
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (this.#socket === socket) this.#lost(code, reason || 'The connection was lost.');
    });
  }

  #open(): WebSocket {
    const { openSocket, url } = this.#options;
    if (openSocket) return openSocket();
    if (url === undefined) throw new TypeError('connectDisplay needs url or openSocket.');
    return new WebSocket(typeof url === 'function' ? url() : url);
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#welcome(message);
      case 'ping':
        return this.#send({ type: 'pong', token: message.token });
      case 'pong':
        return this.#setStatus({ phase: 'connected', roundTripMs: Math.max(0, Math.round((performance.now() >>> 0) - message.token)) });
      case 'control-state':
        // Free after it was ours: given up or taken away. The server then waits for a request, not for a key.
        this.#yielded = (this.#control.youHold || this.#yielded) && !message.state.youHold && message.state.holderName === '';
        this.#control = message.state;
        for (const listener of this.#controlListeners) listener(message.state);
        return;
      case 'control-declined':
        return this.#options.onControlDeclined?.(message.holderName);
      case 'bye':
        return this.#lost(message.code, message.reason);
      case 'geometry':
        this.#size = { widthPx: message.widthPx, heightPx: message.heightPx };
        this.#painter.resize(message.widthPx, message.heightPx);
        return this.#options.onGeometry?.(this.#size);
      case 'frame':
        this.#lastFrame = message.frame;
        return this.#painter.draw(message);
      case 'text-cursor':
        return this.#painter.setCursor(message.cursor);
      case 'blink':
        return this.#painter.setBlink(message.blink);
      case 'pointer-shape':
        return this.#pointer.setShape(message.shape);
      case 'pointer-mode':
        this.#pointerMode = message.mode;
        this.#pointer.setMode(message.mode);
        return this.#options.onPointerMode?.(message.mode);
      case 'leds':
        return this.#options.onLeds?.(message.leds);
      case 'synced':
        this.#syncs.get(message.id)?.resolve();
        this.#syncs.delete(message.id);
    }
  }

  #welcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    this.#session = message.session;
    if (!message.resumed) this.#lastFrame = 0;
    this.#rights = message.rights;
    this.#features = message.features;
    this.#attempt = 0;
    this.#refusedTickets = 0;
    this.#setStatus({ phase: 'connected', roundTripMs: undefined });
    this.#ping();
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#lookForSilence(), PING_INTERVAL_MS);
  }

  #lookForSilence(): void {
    if (performance.now() - this.#lastHeardMs > SILENCE_LIMIT_MS)
      return this.#lost(CLOSE_CODE.goingAway, 'Nothing was heard for too long.');
    if (!document.hidden) this.#ping();
  }

  #ping(): void {
    this.#send({ type: 'ping', token: performance.now() >>> 0 });
  }

  #painted(frame: PaintedFrame): void {
    this.#latency.painted(frame.inputId, frame.paintedAtMs);
    // A hidden page keeps its credit to itself: the server then sends nothing, and all at once when it is seen again.
    if (document.hidden) this.#unsentAcknowledgement = frame;
    else this.#acknowledge(frame);
    this.#options.onPainted?.(frame);
  }

  #acknowledge({ frame, decodeMicros }: PaintedFrame): void {
    this.#send({ type: 'acknowledge', frame, decodeMicros });
  }

  #visibilityChanged(): void {
    if (document.hidden || !this.#unsentAcknowledgement) return;
    this.#acknowledge(this.#unsentAcknowledgement);
    this.#unsentAcknowledgement = undefined;
  }

  /** What was received makes no sense: the picture is void, so the next session must not build on it. */
  #failed(reason: string): void {
    this.#session = undefined;
    this.#lost(CLOSE_CODE.malformed, reason);
  }

  #lost(code: number, reason: string): void {
    if (this.#status.phase === 'ended') return;
    this.#dropSocket();
    if (FINAL_CLOSE_CODES.includes(code)) return this.#end(code, reason);
    if (code === CLOSE_CODE.ticketRefused && ++this.#refusedTickets >= MAX_REFUSED_TICKETS) return this.#end(code, reason);
    this.#retry(reason);
  }

  #retry(reason: string): void {
    if (this.#status.phase === 'ended') return;
    this.#attempt++;
    this.#setStatus({ phase: 'reconnecting', attempt: this.#attempt, reason });
    this.#timer = setTimeout(() => void this.#connect(), pauseBeforeAttempt(this.#attempt, Math.random()));
  }

  #end(code: number, reason: string): void {
    if (this.#status.phase === 'ended') return;
    this.#keyboard.dispose();
    this.#pointer.dispose();
    this.#stop.abort();
    this.#send({ type: 'bye' });
    this.#dropSocket();
    clearTimeout(this.#timer);
    // Another connection may have taken the canvas over already.
    if (this.#painter.listener === this.#painterListener) this.#painter.listener = undefined;
    this.#setStatus({ phase: 'ended', code, reason });
    this.#statusListeners.clear();
    this.#controlListeners.clear();
  }

  #dropSocket(): void {
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#unsentAcknowledgement = undefined;
    socket?.close(CLOSE_CODE.normal);
    for (const { reject } of this.#syncs.values()) reject(new Error('The connection was lost while typing.'));
    this.#syncs.clear();
  }

  #setStatus(status: DisplayStatus): void {
    this.#status = status;
    for (const listener of [...this.#statusListeners]) listener(status);
  }

  /** Only button changes are measured: a move need not show anything. */
  #sendPointer(message: Extract<InputMessage, { buttons: number }>): void {
    this.#sendInput(message, message.buttons !== 0 && message.buttons !== this.#buttons);
    this.#buttons = message.buttons;
  }

  #sendInput(message: InputMessage, measured: boolean): void {
    if (!this.#mayOperate(isUse(message))) return;
    const id = this.#nextInput++;
    if (measured) this.#latency.sent(id, preciseNow());
    this.#send({ ...message, id });
  }

  /** Whether input goes to the guest. The page is told of a use that does not: nobody sees why nothing happens. */
  #mayOperate(isUse: boolean): boolean {
    if (this.#status.phase !== 'connected') return false;
    const may = this.#control.youHold || this.takesControlByUse;
    if (isUse && !may) this.#options.onUsedInVain?.();
    return may;
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(clientMessages.encode(message));
  }
}
