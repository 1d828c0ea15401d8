import { type ClientMessage, isUse } from '../protocol/client-messages.js';
import { CLOSE_CODE, FEATURE, PING_INTERVAL_MS, RESUME_WINDOW_MS, SESSION_ID_BYTES, SILENCE_LIMIT_MS } from '../protocol/limits.js';
import type { Leds, PointerMode, Rights } from '../protocol/server-messages.js';
import { type Clock, systemClock } from '../screen/clock.js';
import { ScreenFeed } from '../screen/screen-feed.js';
import type { InputPort, ScreenPort } from '../screen/screen-port.js';
import { Connection, type DisplaySocket } from './connection.js';
import { ControlLease, type HandOver } from './control-lease.js';
import { EncodeCache } from './encode-cache.js';
import { InputGate } from './input-gate.js';
import { Viewer } from './viewer.js';

/** Who is at the other end; the host made it from a checked ticket. */
export interface AuthorizedSession {
  /** Stable id of the person: the same user coming back keeps control. */
  readonly user: string;
  /** Shown to other viewers. */
  readonly name: string;
  readonly rights: Rights;
}

/** What the host does with an attached socket: hand in what arrives, and say when it is gone. */
export interface AttachedSocket {
  receive(bytes: Uint8Array): void;
  closed(): void;
}

export interface DisplayServerOptions {
  readonly screen: ScreenPort;
  readonly input: InputPort;
  readonly pointerMode?: PointerMode;
  /** Called after every change of who operates, for audit and reports. */
  readonly controlChanged?: (holder: { readonly user: string; readonly name: string } | undefined) => void;
  /** Called when a viewer has handed over or taken control, before `controlChanged`; not for `passControl`. `user` names who. */
  readonly handedOver?: (handOver: HandOver) => void;
  /** Upper bound of the frame rate; 60 by default. */
  readonly maxFramesPerSecond?: number;
  readonly clock?: Clock;
  /** Fills an array with unguessable bytes; the platform's generator by default. */
  readonly random?: (into: Uint8Array<ArrayBuffer>) => void;
  /** How long a cut holder keeps the control lease. */
  readonly leaseGraceMs?: number;
}

/** Somebody who is told about the machine's pointer, lights and operator: an RFB client. */
export interface DisplayPeer {
  controlChanged(): void;
  pointerModeChanged(mode: PointerMode): void;
  ledsChanged(leds: Leds): void;
}

const FEATURES = FEATURE.deflate | FEATURE.copy | FEATURE.decline;
/** A holder who is cut keeps control this long: a page reload with a new ticket takes a few seconds. */
const LEASE_GRACE_MS = 10_000;
/** A newcomer's first frame waits this long for the screen to bring itself up to date. */
const SETTLE_MS = 10;
/** `hello` is due this long after the ticket. */
const HELLO_DEADLINE_MS = 5_000;
/** Cut viewers kept for resume; the oldest goes first. Each costs two bits a kilopixel. */
const MAX_CUT_VIEWERS = 64;
/** How often silence is looked for, while there are connections. */
const WATCH_MS = 5_000;

/** A viewer's place at the server, kept through cuts. */
interface Seat {
  connection: Connection | undefined;
  readonly leaveFeed: () => void;
  /** What will happen unless the viewer comes back. */
  timers: (() => void)[];
}

/**
 * The display of one machine: viewers with their pacing and resume, the control lease, and the gate to the
 * machine's keyboard and pointer. Knows no WebSocket, no ticket and no user database.
 */
export class DisplayServer {
  /** The one reader of the screen; the RFB server shows the same. */
  readonly screen: ScreenFeed;
  readonly gate: InputGate;
  readonly lease: ControlLease;
  readonly #cache: EncodeCache;
  readonly #clock: Clock;
  readonly #random: (into: Uint8Array<ArrayBuffer>) => void;
  readonly #leaseGraceMs: number;
  readonly #seats = new Map<Viewer, Seat>();
  readonly #connections = new Set<Connection>();
  readonly #peers = new Set<DisplayPeer>();
  #pointerMode: PointerMode;
  #leds: Leds = { numLock: false, capsLock: false, scrollLock: false };
  #isWatching = false;

  constructor(options: DisplayServerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? ((into) => void crypto.getRandomValues(into));
    this.#leaseGraceMs = options.leaseGraceMs ?? LEASE_GRACE_MS;
    this.#pointerMode = options.pointerMode ?? 'absolute';
    this.screen = new ScreenFeed(options.screen, this.#clock, options.maxFramesPerSecond);
    this.gate = new InputGate(options.input);
    this.#cache = new EncodeCache(this.screen);
    this.lease = new ControlLease(
      () => {
        this.#tellControl();
        const holder = this.lease.holder;
        options.controlChanged?.(holder && { user: holder.user, name: holder.name });
      },
      () => this.gate.releaseAll(),
      (handOver) => options.handedOver?.(handOver),
    );
    this.screen.add({
      hungry: () => false,
      resized() {},
      updated() {},
      cursorChanged() {},
      ended: (reason) => this.#endAll(CLOSE_CODE.screenEnded, reason),
    });
  }

  get pointerMode(): PointerMode {
    return this.#pointerMode;
  }

  get leds(): Leds {
    return this.#leds;
  }

  /** Connected viewers, for reports. */
  get viewers(): readonly { readonly user: string; readonly name: string; readonly holds: boolean }[] {
    const live = [...this.#seats.keys()].filter((viewer) => viewer.isLive);
    return live.map((viewer) => ({ user: viewer.user, name: viewer.name, holds: this.lease.holds(viewer) }));
  }

  /** Frame bodies encoded so far; with many viewers it rises as with one. */
  get encodes(): number {
    return this.#cache.encodes;
  }

  /** The guest switched between an absolute and a relative pointer. */
  setPointerMode(mode: PointerMode): void {
    if (mode === this.#pointerMode) return;
    this.#pointerMode = mode;
    for (const viewer of this.#seats.keys()) viewer.send({ type: 'pointer-mode', mode });
    for (const peer of this.#peers) peer.pointerModeChanged(mode);
  }

  /** The guest set its keyboard lights. */
  setLeds(leds: Leds): void {
    this.#leds = leds;
    for (const viewer of this.#seats.keys()) viewer.send({ type: 'leds', leds });
    for (const peer of this.#peers) peer.ledsChanged(leds);
  }

  /** Gives the keyboard to the session of `user`, or to nobody. False: no such session looks at this machine and may control it. */
  passControl(user: string | undefined): boolean {
    return this.lease.passTo(user);
  }

  /** Tells `peer` until the returned function is called. */
  addPeer(peer: DisplayPeer): () => void {
    this.#peers.add(peer);
    return () => this.#peers.delete(peer);
  }

  /** A client whose ticket was accepted. What it sends after the opening message goes to `receive`. */
  attach(socket: DisplaySocket, session: AuthorizedSession): AttachedSocket {
    let viewer: Viewer | undefined;
    const handle = (message: ClientMessage) => {
      if (viewer) this.#handle(viewer, connection, message);
      else if (message.type === 'hello') viewer = this.#welcome(connection, session, message);
      else connection.close(CLOSE_CODE.malformed, `The first message was ${message.type}, not hello.`);
    };
    const connection = new Connection(socket, this.#clock.now, handle, () => {
      this.#connections.delete(connection);
      if (viewer && this.#seats.get(viewer)?.connection === connection) this.#lose(viewer, connection.saidBye);
    });
    this.#connections.add(connection);
    this.#watch();
    if (!session.rights.view) connection.close(CLOSE_CODE.forbidden, 'This ticket does not allow to view the screen.');
    else if (this.screen.endReason !== undefined) connection.close(CLOSE_CODE.screenEnded, this.screen.endReason);
    this.#clock.after(HELLO_DEADLINE_MS, () => {
      if (!viewer) connection.close(CLOSE_CODE.openingTooLate, 'No hello came in time.');
    });
    return { receive: (bytes) => connection.receive(bytes), closed: () => connection.lost() };
  }

  /** Ends every session, for instance because the machine stopped. */
  close(reason: string): void {
    this.screen.end(reason);
  }

  #welcome(connection: Connection, session: AuthorizedSession, hello: Extract<ClientMessage, { type: 'hello' }>): Viewer {
    const features = hello.features & FEATURES;
    const known = hello.resume && this.#resumable(hello.resume.session, session);
    const viewer = known ?? this.#newViewer(session);
    const seat = this.#seats.get(viewer) ?? { connection: undefined, leaveFeed: this.screen.add(viewer), timers: [] };
    seat.connection?.close(CLOSE_CODE.goingAway, 'This session went on in another connection.');
    for (const cancel of seat.timers.splice(0)) cancel();
    seat.connection = connection;
    this.#seats.set(viewer, seat);

    const isFresh = this.screen.isWaiting;
    const resumed = viewer.connect(connection, features, known && hello.resume?.lastFrame, !isFresh);
    viewer.send({ type: 'welcome', features, session: viewer.id, resumed, rights: viewer.rights });
    viewer.send({ type: 'pointer-mode', mode: this.#pointerMode });
    viewer.send({ type: 'leds', leds: this.#leds });
    this.lease.join(viewer);
    if (isFresh) viewer.flush();
    else this.#settle(viewer);
    this.screen.feed();
    return viewer;
  }

  /** Lets the screen bring itself up to date first: nobody may have looked at it for hours. */
  #settle(viewer: Viewer): void {
    this.#clock.after(SETTLE_MS, () => {
      viewer.settled();
      this.screen.feed();
    });
  }

  #newViewer(session: AuthorizedSession): Viewer {
    const id = new Uint8Array(SESSION_ID_BYTES);
    this.#random(id);
    return new Viewer(id, session.user, session.name, session.rights, this.screen, this.#cache);
  }

  #resumable(id: Uint8Array, session: AuthorizedSession): Viewer | undefined {
    for (const viewer of this.#seats.keys()) {
      const sameRights = viewer.rights.control === session.rights.control && viewer.rights.admin === session.rights.admin;
      if (viewer.user === session.user && sameRights && equalBytes(viewer.id, id)) return viewer;
    }
    return undefined;
  }

  #lose(viewer: Viewer, forGood: boolean): void {
    const seat = this.#seats.get(viewer);
    if (!seat) return;
    viewer.disconnect();
    seat.connection = undefined;
    if (forGood) return this.#drop(viewer);
    this.lease.cut(viewer);
    seat.timers = [
      this.#clock.after(this.#leaseGraceMs, () => this.lease.graceOver(viewer)),
      this.#clock.after(RESUME_WINDOW_MS, () => this.#drop(viewer)),
    ];
    const cut = [...this.#seats.keys()].filter((each) => !each.isLive);
    if (cut.length > MAX_CUT_VIEWERS) this.#drop(cut[0]!);
  }

  #drop(viewer: Viewer): void {
    const seat = this.#seats.get(viewer);
    if (!seat) return;
    for (const cancel of seat.timers) cancel();
    seat.leaveFeed();
    this.#seats.delete(viewer);
    this.lease.leave(viewer);
  }

  #handle(viewer: Viewer, connection: Connection, message: ClientMessage): void {
    switch (message.type) {
      case 'hello':
        return connection.close(CLOSE_CODE.malformed, 'A second hello.');
      case 'ping':
        return connection.sendMessage({ type: 'pong', token: message.token });
      case 'pong':
        return viewer.flush();
      case 'bye':
        connection.saidBye = true;
        return;
      case 'request-control':
        return this.lease.request(viewer);
      case 'hand-over':
        return this.lease.handOver(viewer);
      case 'take-control':
        return this.lease.take(viewer);
      case 'decline-control': {
        const asked = this.lease.decline(viewer);
        if (asked instanceof Viewer) asked.controlDeclined(viewer.name);
        return;
      }
      case 'acknowledge':
        viewer.acknowledge(message.frame, message.decodeMicros);
        return this.screen.feed();
      case 'refresh':
        return viewer.refresh();
      case 'sync': {
        const synced = () => viewer.send({ type: 'synced', id: message.id });
        if (!this.lease.holds(viewer)) return synced();
        if (!this.gate.push(message, synced)) this.#tooMuch(connection);
        return;
      }
      default:
        // The host's gate: whatever a view-only client sends, it ends here.
        if (!(isUse(message) ? this.lease.use(viewer) : this.lease.holds(viewer))) return;
        if (!this.gate.push(message, (id) => viewer.inputApplied(id))) this.#tooMuch(connection);
    }
  }

  #tooMuch(connection: Connection): void {
    connection.close(CLOSE_CODE.tooMuch, 'More input arrived than the machine could take.');
  }

  #tellControl(): void {
    for (const viewer of this.#seats.keys()) if (viewer.isLive) viewer.sendControlState(this.lease.stateFor(viewer));
    for (const peer of this.#peers) peer.controlChanged();
  }

  #endAll(code: number, reason: string): void {
    for (const connection of [...this.#connections]) connection.close(code, reason);
    this.gate.releaseAll();
  }

  /** Keep-alive and silence, while there is somebody to watch. */
  #watch(): void {
    if (this.#isWatching || this.#connections.size === 0) return;
    this.#isWatching = true;
    this.#clock.after(WATCH_MS, () => {
      this.#isWatching = false;
      const now = this.#clock.now();
      for (const connection of [...this.#connections]) {
        if (now - connection.lastReceivedMs > SILENCE_LIMIT_MS) connection.close(CLOSE_CODE.goingAway, 'Nothing was heard for too long.');
        else if (now - Math.min(connection.lastSentMs, connection.lastReceivedMs) > PING_INTERVAL_MS) {
          connection.sendMessage({ type: 'ping', token: Math.floor(now) >>> 0 });
        }
        if (!connection.isOpen) this.#connections.delete(connection);
      }
      this.#watch();
    });
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}
