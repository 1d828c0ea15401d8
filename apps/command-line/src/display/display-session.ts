import {
  CLOSE_CODE,
  type ClientMessage,
  type ControlState,
  clientMessages,
  EnvelopeSplitter,
  encodeOpening,
  FEATURE,
  type InputMessage,
  MAX_SERVER_PAYLOAD_BYTES,
  type PointerMode,
  type ServerMessage,
  serverMessages,
} from '@millwright/remote-display/protocol';
import { type RawData, WebSocket } from 'ws';
import { CommandError, ExitStatus } from '../command-error.js';

/** The host speaks within this time, or does not. */
const ANSWER_MS = 10_000;
/**
 * Inputs sent before the machine's answer is waited for. The guest's keyboard holds 16 bytes; the host queues the rest,
 * up to 4,096 (docs/protocol/remote-display.md §4).
 */
const BATCH = 64;
/** A guest that takes no key for so long is not listening: a full keyboard buffer empties in milliseconds. */
const STUCK_MS = 30_000;

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;
/** One input without its number, which the session gives. */
export type Input = Unnumbered<Exclude<InputMessage, { type: 'sync' }>>;

/** How to come by control when somebody else has it. */
export interface ControlWish {
  /** Take it, as administrators may. */
  readonly take: boolean;
  /** Ask for it and wait so long, seconds; 0: do not. */
  readonly waitSeconds: number;
}

/**
 * One visit to a machine's keyboard and pointer over the display protocol. It looks at no picture: frames are not
 * acknowledged, so the server sends at most two.
 *
 *     open ──welcome──► at the gate ──holds control──► send … sync ──► close (bye)
 */
export class DisplaySession {
  #control: ControlState = { youHold: false, holderName: '', requestedBy: '' };
  #pointerMode: PointerMode | undefined;
  #size: { readonly widthPx: number; readonly heightPx: number } | undefined;
  #declinedBy: string | undefined;
  #welcomed = false;
  #nextInput = 1;
  #synced = 0;
  #end: CommandError | undefined;
  readonly #watchers = new Set<() => void>();

  private constructor(private readonly socket: WebSocket) {}

  /** Connects with a fresh ticket. @throws CommandError when the host refuses or is silent */
  static async open(url: string, ticket: string): Promise<DisplaySession> {
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: 2 * MAX_SERVER_PAYLOAD_BYTES,
      handshakeTimeout: ANSWER_MS,
      followRedirects: false,
    });
    socket.binaryType = 'nodebuffer';
    const session = new DisplaySession(socket);
    session.#listen();
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send(encodeOpening(ticket));
    session.#send({ type: 'hello', features: FEATURE.deflate | FEATURE.decline });
    await session.#until(() => session.#welcomed && session.#pointerMode !== undefined, ANSWER_MS, 'The host does not answer.');
    return session;
  }

  get pointerMode(): PointerMode {
    return this.#pointerMode ?? 'relative';
  }

  /** Size of the screen, once the host has told. */
  async size(): Promise<{ readonly widthPx: number; readonly heightPx: number }> {
    await this.#until(() => this.#size !== undefined, ANSWER_MS, 'The machine has not shown a picture yet.');
    return this.#size!;
  }

  /** Resolves when this session is the one that operates. @throws CommandError naming who does */
  async obtainControl(wish: ControlWish): Promise<void> {
    // The lease's word about a newcomer comes right after the welcome.
    await this.#until(() => this.#control.youHold || this.#control.holderName !== '', 1_000, '').catch((error: unknown) => {
      if (this.#end) throw error;
    });
    if (this.#control.youHold) return;
    const holder = this.#control.holderName;
    if (holder !== '' && !wish.take && wish.waitSeconds === 0) {
      throw new CommandError(
        `${holder} has control. Ask for it with --wait <seconds>, or take it with --take if you are an administrator.`,
        1,
        'control.not-holder',
      );
    }
    this.#send({ type: wish.take ? 'take-control' : 'request-control' });
    const ms = wish.take || holder === '' ? 2_000 : wish.waitSeconds * 1000;
    await this.#until(
      () => this.#control.youHold || this.#declinedBy !== undefined,
      ms,
      holder === '' || wish.take ? 'You may look at this machine, not operate it.' : `${holder} did not hand over control.`,
    );
    if (!this.#control.youHold) throw new CommandError(`${this.#declinedBy} keeps control.`, 1, 'control.not-holder');
  }

  /** Sends inputs and resolves when all of them have reached the machine. @throws CommandError when one may not have */
  async send(inputs: readonly Input[]): Promise<void> {
    for (let at = 0; at < inputs.length; at += BATCH) {
      // In one piece, so that no key's release is late by a hiccup on the way and the guest begins to repeat it.
      this.#send(...inputs.slice(at, at + BATCH).map((input) => ({ ...input, id: this.#nextInput++ }) as ClientMessage));
      await this.#sync(inputs.length - at);
    }
  }

  /** Lets go of control for whoever waits, and leaves. */
  async close(): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.#send({ type: 'bye' });
    this.socket.close(CLOSE_CODE.normal);
    const late = setTimeout(() => this.socket.terminate(), 1_000);
    await closed;
    clearTimeout(late);
  }

  async #sync(unsent: number): Promise<void> {
    const id = this.#nextInput++;
    this.#send({ type: 'sync', id });
    await this.#until(() => this.#synced >= id, STUCK_MS, `The guest takes no more input; ${unsent} events are unsent.`);
    // The host drops what comes from somebody who does not operate, and says so before it answers.
    if (!this.#control.youHold)
      throw new CommandError(
        `Control went to ${this.#control.holderName || 'nobody'}; up to ${unsent} events did not reach the machine.`,
        1,
        'control.not-holder',
      );
  }

  #listen(): void {
    const splitter = new EnvelopeSplitter(MAX_SERVER_PAYLOAD_BYTES);
    this.socket.on('message', (data: RawData) => {
      try {
        splitter.push(data as Buffer, (envelope) => this.#handle(serverMessages.decode(envelope)));
      } catch (error) {
        this.#ended(new CommandError(`The host broke the display protocol: ${(error as Error).message}`));
        this.socket.close(CLOSE_CODE.malformed);
      }
      this.#changed();
    });
    this.socket.on('error', () => this.socket.terminate());
    this.socket.on('close', (code: number, reason: Buffer) => {
      this.#ended(endOf(code, reason.toString()));
      this.#changed();
    });
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#welcomed = true;
        return;
      case 'ping':
        return this.#send({ type: 'pong', token: message.token });
      case 'control-state':
        this.#control = message.state;
        return;
      case 'control-declined':
        this.#declinedBy = message.holderName;
        return;
      case 'pointer-mode':
        this.#pointerMode = message.mode;
        return;
      case 'geometry':
        this.#size = { widthPx: message.widthPx, heightPx: message.heightPx };
        return;
      case 'synced':
        this.#synced = Math.max(this.#synced, message.id);
        return;
      case 'bye':
        return this.#ended(endOf(message.code, message.reason));
      default:
        // Pictures are for others.
        return;
    }
  }

  #ended(error: CommandError): void {
    this.#end ??= error;
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #send(...messages: ClientMessage[]): void {
    if (this.socket.readyState !== WebSocket.OPEN || messages.length === 0) return;
    this.socket.send(Buffer.concat(messages.map((message) => clientMessages.encode(message))));
  }

  /** Resolves when `holds` does. Rejects with the end of the session, or with `otherwise` after `ms`. */
  #until(holds: () => boolean, ms: number, otherwise: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void): void => {
        clearTimeout(late);
        this.#watchers.delete(look);
        act();
      };
      const look = (): void => {
        if (holds()) finish(resolve);
        else if (this.#end) {
          const { message, status, code } = this.#end;
          finish(() => reject(new CommandError(message, status, code)));
        }
      };
      const late = setTimeout(() => finish(() => reject(new CommandError(otherwise))), ms);
      this.#watchers.add(look);
      look();
    });
  }
}

/** Why a session ended, for people. Refusals carry the failure's code as reason. */
export function endOf(code: number, reason: string): CommandError {
  const detail = reason === '' ? '' : ` (${reason})`;
  switch (code) {
    case CLOSE_CODE.ticketRefused:
      return reason === 'machine.wrong-state'
        ? new CommandError('The machine is not running. Start it with mw machine start.', ExitStatus.failed, reason)
        : new CommandError(`The host refused the ticket${detail}. Repeat the command.`, ExitStatus.failed, reason || 'ticket.refused');
    case CLOSE_CODE.forbidden:
      return new CommandError(`The host does not allow this${detail}.`, ExitStatus.failed, 'auth.denied');
    case CLOSE_CODE.noSuchScreen:
    case CLOSE_CODE.screenEnded:
      return new CommandError(
        `The machine is not running${detail}. Start it with mw machine start.`,
        ExitStatus.failed,
        'machine.wrong-state',
      );
    case CLOSE_CODE.tooMuch:
      return new CommandError('More input came than the guest could take. Send less at once.');
    default:
      return new CommandError(`The connection to the machine was lost${detail}. Repeat the command.`, ExitStatus.unreachable);
  }
}
