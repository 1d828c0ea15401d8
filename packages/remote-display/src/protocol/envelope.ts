import { MalformedMessage } from './message-reader.js';
import { MessageWriter } from './message-writer.js';

/*
 * The envelope of every message: `u8 channel | u8 type | varint length | payload`.
 *
 * Messages delimit themselves, so a relay may cut or join what it carries (WebSocket messages become a
 * byte stream on the way to the process of a virtual machine); the splitter puts them together again.
 */

/** One message out of the stream. `payload` is a view or a fresh buffer; take a copy to keep it. */
export interface Envelope {
  readonly channel: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

export function sealEnvelope(channel: number, type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return new MessageWriter(payload.length + 7).u8(channel).u8(type).varint(payload.length).bytes(payload).take();
}

/** Longest header: channel, type and a varint of five bytes. */
const MAX_HEADER_BYTES = 7;

/** Cuts a byte stream into messages. Holds at most one unfinished message, whose length was checked first. */
export class EnvelopeSplitter {
  readonly #maxPayloadBytes: number;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  #payload: Uint8Array | undefined;
  #filled = 0;
  #consumed = 0;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** Hands each message completed by `bytes` to `deliver`, in order. @throws MalformedMessage for a length over the limit. */
  push(bytes: Uint8Array, deliver: (envelope: Envelope) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payload === undefined) {
        const length = this.#pushHeaderByte(bytes[at++]!);
        this.#consumed++;
        if (length === undefined) continue;
        if (length <= bytes.length - at) {
          this.#deliver(bytes.subarray(at, at + length), deliver);
          at += length;
          this.#consumed += length;
          continue;
        }
        this.#payload = new Uint8Array(length);
        this.#filled = 0;
      }
      const part = Math.min(this.#payload.length - this.#filled, bytes.length - at);
      this.#payload.set(bytes.subarray(at, at + part), this.#filled);
      this.#filled += part;
      at += part;
      this.#consumed += part;
      if (this.#filled === this.#payload.length) {
        const payload = this.#payload;
        this.#payload = undefined;
        this.#deliver(payload, deliver);
      }
    }
  }

  #deliver(payload: Uint8Array, deliver: (envelope: Envelope) => void): void {
    this.#headerLength = 0;
    deliver({ channel: this.#header[0]!, type: this.#header[1]!, payload });
  }

  /** Returns the payload length once the header is whole. */
  #pushHeaderByte(byte: number): number | undefined {
    this.#header[this.#headerLength++] = byte;
    if (this.#headerLength < 3 || byte >= 0x80) {
      if (this.#headerLength === MAX_HEADER_BYTES) throw this.#malformed('length is not a varint of 32 bits');
      return undefined;
    }
    let length = 0;
    for (let i = this.#headerLength - 1; i >= 2; i--) length = length * 128 + (this.#header[i]! & 0x7f);
    if (byte === 0 && this.#headerLength > 3) throw this.#malformed('length is not a shortest varint');
    if (length > this.#maxPayloadBytes) throw this.#malformed(`payload of ${length} bytes is over the limit of ${this.#maxPayloadBytes}`);
    return length;
  }

  #malformed(message: string): MalformedMessage {
    return new MalformedMessage(message, this.#consumed);
  }
}
