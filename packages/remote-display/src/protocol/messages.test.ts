import fc from 'fast-check';
import { assert, test } from 'vitest';
import { type ClientMessage, clientMessages } from './client-messages.js';
import { type Envelope, EnvelopeSplitter, sealEnvelope } from './envelope.js';
import { MalformedMessage } from './message-reader.js';
import { MessageWriter } from './message-writer.js';
import { decodeOpening, encodeOpening } from './opening.js';
import { type ServerMessage, serverMessages } from './server-messages.js';

const session = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

/** Message → bytes, as in docs/protocol/remote-display.md. */
const CLIENT_ROWS: readonly (readonly [ClientMessage, string])[] = [
  [{ type: 'hello', features: 3 }, '00 01 06 01 00000003 00'],
  [
    { type: 'hello', features: 3, resume: { session, lastFrame: 258 } },
    '00 01 1a 01 00000003 01 0102030405060708090a0b0c0d0e0f10 00000102',
  ],
  [{ type: 'ping', token: 7 }, '00 03 04 00000007'],
  [{ type: 'pong', token: 7 }, '00 04 04 00000007'],
  [{ type: 'request-control' }, '00 06 00'],
  [{ type: 'hand-over' }, '00 07 00'],
  [{ type: 'take-control' }, '00 08 00'],
  [{ type: 'bye' }, '00 09 00'],
  [{ type: 'decline-control' }, '00 0b 00'],
  [{ type: 'acknowledge', frame: 9, decodeMicros: 1500 }, '01 03 08 00000009 000005dc'],
  [{ type: 'refresh' }, '01 04 00'],
  [{ type: 'key', id: 300, usage: 0x04, down: true }, '03 01 05 ac02 0004 01'],
  [{ type: 'pointer-absolute', id: 1, x: 0, y: 65535, buttons: 1 }, '03 02 06 01 0000 ffff 01'],
  [{ type: 'pointer-relative', id: 2, dx: -1, dy: 5, buttons: 0 }, '03 03 06 02 ffff 0005 00'],
  [{ type: 'pointer-relative', id: 2, dx: -32768, dy: 32767, buttons: 0 }, '03 03 06 02 8000 7fff 00'],
  [{ type: 'wheel', id: 3, dz: -2 }, '03 04 02 03 fe'],
  [{ type: 'wheel', id: 3, dz: -128 }, '03 04 02 03 80'],
  [{ type: 'release-all', id: 4 }, '03 05 01 04'],
  [{ type: 'sync', id: 5 }, '03 06 01 05'],
];

const SERVER_ROWS: readonly (readonly [ServerMessage, string])[] = [
  [
    { type: 'welcome', features: 3, session, resumed: true, rights: { view: true, control: true, admin: false } },
    '00 02 17 01 00000003 0102030405060708090a0b0c0d0e0f10 01 03',
  ],
  [{ type: 'ping', token: 1 }, '00 03 04 00000001'],
  [{ type: 'pong', token: 1 }, '00 04 04 00000001'],
  [{ type: 'control-state', state: { youHold: false, holderName: 'Ann', requestedBy: 'Bo' } }, '00 05 08 00 03 416e6e 02 426f'],
  [{ type: 'control-declined', holderName: 'Ann' }, '00 0c 04 03 416e6e'],
  [{ type: 'bye', code: 4410, reason: 'off' }, '00 0a 06 113a 03 6f6666'],
  [{ type: 'geometry', widthPx: 1024, heightPx: 768 }, '01 01 04 0400 0300'],
  [{ type: 'frame', frame: 1, inputId: 0, body: Uint8Array.of(0, 0) }, '01 02 08 00000001 00 00 0000'],
  [{ type: 'frame', frame: 2, inputId: 300, inflatedBytes: 500, body: Uint8Array.of(1) }, '01 02 0a 00000002 01 ac02 f403 01'],
  [
    { type: 'text-cursor', cursor: { x: 9, y: 14, widthPx: 9, heightPx: 2, color: 0xaaaaaa, halfPeriodMs: 228 } },
    '02 01 0c 01 0009 000e 09 02 aaaaaa 00e4',
  ],
  [{ type: 'text-cursor', cursor: undefined }, '02 01 01 00'],
  [
    { type: 'blink', blink: { halfPeriodMs: 456, cells: [{ x: 0, y: 16, widthPx: 9, heightPx: 16, background: 0x0000aa }] } },
    '02 02 0c 01c8 01 0000 0010 09 10 0000aa',
  ],
  [{ type: 'blink', blink: undefined }, '02 02 03 0000 00'],
  [
    { type: 'pointer-shape', shape: { widthPx: 1, heightPx: 1, hotX: 0, hotY: 0, pixels: Uint32Array.of(0xff010203) } },
    '02 03 0d 01 0001 0001 0000 0000 ff010203',
  ],
  [{ type: 'pointer-mode', mode: 'relative' }, '03 81 01 01'],
  [{ type: 'leds', leds: { numLock: true, capsLock: false, scrollLock: true } }, '03 82 01 05'],
  [{ type: 'synced', id: 5 }, '03 83 01 05'],
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function envelopesOf(bytes: Uint8Array, chunk = bytes.length || 1, limit = 1 << 20): Envelope[] {
  const found: Envelope[] = [];
  const splitter = new EnvelopeSplitter(limit);
  for (let at = 0; at < bytes.length; at += chunk) {
    splitter.push(bytes.subarray(at, at + chunk), ({ channel, type, payload }) => found.push({ channel, type, payload: payload.slice() }));
  }
  return found;
}

test.each(CLIENT_ROWS)('client message %o has its documented bytes and reads back', (message, bytes) => {
  assert.equal(hex(clientMessages.encode(message)), bytes.replaceAll(' ', ''));
  assert.deepEqual(clientMessages.decode(envelopesOf(clientMessages.encode(message))[0]!), message);
});

test.each(SERVER_ROWS)('server message %o has its documented bytes and reads back', (message, bytes) => {
  assert.equal(hex(serverMessages.encode(message)), bytes.replaceAll(' ', ''));
  assert.deepEqual(serverMessages.decode(envelopesOf(serverMessages.encode(message))[0]!), message);
});

test('every message cut at every length of its payload is malformed', () => {
  for (const [codec, rows] of [
    [clientMessages, CLIENT_ROWS],
    [serverMessages, SERVER_ROWS],
  ] as const) {
    for (const [message] of rows) {
      const { channel, type, payload } = envelopesOf(codec.encode(message as never))[0]!;
      // A frame's body is opaque here (the frame decoder checks it): only its header may not be cut.
      const end = message.type === 'frame' ? payload.length - message.body.length : payload.length;
      for (let length = 0; length < end; length++) {
        assert.throws(() => codec.decode({ channel, type, payload: payload.subarray(0, length) }), MalformedMessage);
      }
      if (message.type !== 'frame') {
        assert.throws(() => codec.decode({ channel, type, payload: Uint8Array.of(...payload, 0) }), MalformedMessage);
      }
    }
  }
});

test('messages survive being joined and cut into chunks of any size', () => {
  const all = SERVER_ROWS.map(([message]) => Buffer.from(serverMessages.encode(message)));
  for (const chunk of [1, 2, 3, 7, 64, 1000]) {
    const messages = envelopesOf(Buffer.concat(all), chunk).map((envelope) => serverMessages.decode(envelope));
    assert.deepEqual(
      messages,
      SERVER_ROWS.map(([message]) => message),
    );
  }
});

test('a payload over the limit is refused before it is read', () => {
  assert.throws(() => envelopesOf(sealEnvelope(0, 0, new Uint8Array(101)), 3, 100), MalformedMessage);
  assert.throws(() => envelopesOf(Uint8Array.of(0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)), MalformedMessage);
});

test('unknown channels and types are malformed', () => {
  for (const channel of [0, 4, 5, 6, 7, 8, 255]) {
    assert.throws(() => clientMessages.decode({ channel, type: 0x7f, payload: new Uint8Array() }), MalformedMessage);
    assert.throws(() => serverMessages.decode({ channel, type: 0x7f, payload: new Uint8Array() }), MalformedMessage);
  }
});

test('random bytes split and decode to messages or MalformedMessage, and re-encode to themselves', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.nat(0x83), fc.uint8Array({ maxLength: 40 }), (channel, type, payload) => {
      for (const codec of [clientMessages, serverMessages]) {
        let message: ReturnType<typeof codec.decode>;
        try {
          message = codec.decode({ channel, type, payload });
        } catch (error) {
          assert.instanceOf(error, MalformedMessage);
          continue;
        }
        assert.deepEqual(codec.decode(envelopesOf(codec.encode(message as never))[0]!), message);
      }
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, chunk) => {
      try {
        envelopesOf(bytes, chunk, 4096);
      } catch (error) {
        assert.instanceOf(error, MalformedMessage);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the opening message is a version byte and a printable ticket within 256 bytes', () => {
  assert.equal(hex(encodeOpening('abc')), '01616263');
  assert.deepEqual(decodeOpening(encodeOpening('a.b-c_d')), { version: 1, ticket: 'a.b-c_d' });
  assert.throws(() => encodeOpening('x'.repeat(256)), RangeError);
  assert.throws(() => encodeOpening('sp ace'), RangeError);
  for (const bytes of [[], [1], [2, 0x61], [1, 0x20], [1, 0x80], new Array(257).fill(0x31)]) {
    assert.throws(() => decodeOpening(Uint8Array.from(bytes)), MalformedMessage);
  }
});

test('a name longer than its limit is cut at a character border', () => {
  const out = new MessageWriter();
  out.text('äää', 5);
  assert.equal(hex(out.view()), '04c3a4c3a4');
});
