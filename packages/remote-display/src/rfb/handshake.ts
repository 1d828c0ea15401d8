import { MalformedMessage } from '../protocol/message-reader.js';
import { MessageWriter } from '../protocol/message-writer.js';
import type { Inbox } from './byte-stream.js';
import { SECURITY_TYPE } from './constants.js';
import { CHALLENGE_BYTES, isRightResponse } from './security.js';

/*
 * RFC 6143 §7.1 and §7.2, with the older versions of Appendix A:
 *
 *   version ──3.3──► (type decided here) ──none──────────────► clientInit ──► done
 *      └─3.7, 3.8──► choice ──none (3.8: result)───────────────────┘
 *                       └──VNC authentication──► response ──right─┘
 *                                                   └──wrong──► refused
 */

/** How a client proves itself. The password is asked for at each attempt, so that it can change. */
export type RfbSecurity = { readonly type: 'none' } | { readonly type: 'vnc'; readonly password: () => string };

type Stage = 'version' | 'choice' | 'response' | 'clientInit' | 'done';

const SERVER_VERSION = 'RFB 003.008\n';
const VERSION_BYTES = 12;

/** One client's way in. Feed it until `isDone`; `isRefused` means: what was written is the last. */
export class Handshake {
  readonly #security: RfbSecurity;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #challenge: Uint8Array;
  #stage: Stage = 'version';
  #minor: 3 | 7 | 8 = 8;
  isRefused = false;

  /** @param random fills the challenge. */
  constructor(security: RfbSecurity, write: (bytes: Uint8Array) => void, random: (into: Uint8Array<ArrayBuffer>) => void) {
    this.#security = security;
    this.#write = write;
    const challenge = new Uint8Array(CHALLENGE_BYTES);
    random(challenge);
    this.#challenge = challenge;
    write(ascii(SERVER_VERSION));
  }

  get isDone(): boolean {
    return this.#stage === 'done';
  }

  /** Takes the next step if its bytes have arrived; false when it has to wait. @throws MalformedMessage */
  step(inbox: Inbox): boolean {
    switch (this.#stage) {
      case 'version':
        return this.#version(inbox.take(VERSION_BYTES));
      case 'choice':
        return this.#choice(inbox.take(1));
      case 'response':
        return this.#response(inbox.take(CHALLENGE_BYTES));
      case 'clientInit':
        // The shared flag: sessions here are always shared, control is the lease's matter.
        if (!inbox.take(1)) return false;
        this.#stage = 'done';
        return true;
      case 'done':
        return false;
    }
  }

  #version(bytes: Uint8Array | undefined): boolean {
    if (!bytes) return false;
    const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(String.fromCharCode(...bytes));
    if (!match) throw new MalformedMessage('not an RFB version');
    const [major, minor] = [Number(match[1]), Number(match[2])];
    if (major < 3) throw new MalformedMessage(`RFB version ${major}.${minor}`);
    this.#minor = major > 3 || minor >= 8 ? 8 : minor === 7 ? 7 : 3;
    const type = this.#security.type === 'none' ? SECURITY_TYPE.none : SECURITY_TYPE.vncAuthentication;
    if (this.#minor === 3) {
      this.#write(new MessageWriter().u32(type).take());
      this.#begin();
    } else {
      this.#write(Uint8Array.of(1, type));
      this.#stage = 'choice';
    }
    return true;
  }

  #choice(bytes: Uint8Array | undefined): boolean {
    if (!bytes) return false;
    const type = this.#security.type === 'none' ? SECURITY_TYPE.none : SECURITY_TYPE.vncAuthentication;
    if (bytes[0] !== type) throw new MalformedMessage(`security type ${bytes[0]} was not offered`);
    if (type === SECURITY_TYPE.none && this.#minor === 8) this.#write(new MessageWriter().u32(0).take());
    this.#begin();
    return true;
  }

  #begin(): void {
    if (this.#security.type === 'none') this.#stage = 'clientInit';
    else {
      this.#write(this.#challenge);
      this.#stage = 'response';
    }
  }

  #response(bytes: Uint8Array | undefined): boolean {
    if (!bytes || this.#security.type !== 'vnc') return false;
    if (isRightResponse(bytes, this.#challenge, this.#security.password())) {
      this.#write(new MessageWriter().u32(0).take());
      this.#stage = 'clientInit';
      return true;
    }
    const out = new MessageWriter().u32(1);
    const reason = ascii('The password is wrong.');
    if (this.#minor === 8) out.u32(reason.length).bytes(reason);
    this.#write(out.take());
    this.isRefused = true;
    return false;
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
