import { type Envelope, sealEnvelope } from './envelope.js';
import { MalformedMessage, MessageReader } from './message-reader.js';
import { MessageWriter } from './message-writer.js';

/** How one message looks inside its envelope. `read` checks every field; what it returns can be used as it is. */
export interface MessageLayout<M> {
  readonly channel: number;
  readonly type: number;
  write(message: M, out: MessageWriter): void;
  read(from: MessageReader): M;
}

/** One layout per member of a message union, keyed by the member's `type`. */
export type LayoutTable<M extends { readonly type: string }> = { readonly [K in M['type']]: MessageLayout<Extract<M, { type: K }>> };

/** Writer and reader for a message union; both walk the same table. */
export function codecOf<M extends { readonly type: string }>(table: LayoutTable<M>) {
  const layouts = Object.values(table) as MessageLayout<M>[];
  const byNumber = new Map(layouts.map((layout) => [(layout.channel << 8) | layout.type, layout]));
  return {
    /** The message in its envelope, ready to send. */
    encode(message: M): Uint8Array<ArrayBuffer> {
      const layout = table[message.type as M['type']] as unknown as MessageLayout<M>;
      const out = new MessageWriter();
      layout.write(message, out);
      return sealEnvelope(layout.channel, layout.type, out.view());
    },
    /** @throws MalformedMessage for an unknown number, a short, long or senseless payload. */
    decode(envelope: Envelope): M {
      const layout = byNumber.get((envelope.channel << 8) | envelope.type);
      if (!layout) throw new MalformedMessage(`no message ${envelope.type} on channel ${envelope.channel}`);
      const reader = new MessageReader(envelope.payload);
      const message = layout.read(reader);
      reader.end();
      return message;
    },
  };
}
