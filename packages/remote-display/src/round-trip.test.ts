import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { assert, test } from 'vitest';
import { inflate } from './client/decoders/inflate.js';
import { FrameDecoder } from './client/frame-decoder.js';
import { MalformedMessage } from './protocol/message-reader.js';
import { addDifference } from './screen/compare.js';
import { Damage } from './screen/damage.js';
import { Frame } from './screen/frame.js';
import { type Copy, findVerticalMotion } from './screen/motion.js';
import { encodeFrameBody } from './server/encode-frame.js';

/** Server's picture and client's picture, joined by the codec under test. */
function pair(widthPx: number, heightPx: number) {
  const now = new Frame(widthPx, heightPx);
  const before = new Frame(widthPx, heightPx);
  const decoder = new FrameDecoder();
  decoder.resize(widthPx, heightPx);
  const whole = { x: 0, y: 0, widthPx, heightPx };
  return {
    now,
    decoder,
    /** Encodes what changed, decodes it, and says what it cost and moved. */
    step(mayDeflate = true): { bytes: number; copies: readonly Copy[] } {
      const damage = new Damage(widthPx, heightPx);
      addDifference(damage, now.pixels, before.pixels, whole);
      const copies = findVerticalMotion(damage, now.pixels, before.pixels);
      const encoded = encodeFrameBody(now, damage, copies, mayDeflate);
      before.copyFrom(now.pixels, whole);
      decoder.decode({ type: 'frame', frame: 1, inputId: 0, ...encoded });
      return { bytes: encoded.body.length, copies };
    },
  };
}

/** 0xffRRGGBB as the client stores it. */
function asClientPixels(frame: Frame): Uint32Array {
  return frame.pixels.map((pixel) => (0xff000000 | ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >>> 16) & 0xff)) >>> 0);
}

function same(frame: Frame, decoder: FrameDecoder): boolean {
  return Buffer.compare(Buffer.from(asClientPixels(frame).buffer), Buffer.from(decoder.pixels.buffer)) === 0;
}

const painting = fc.record({
  x: fc.nat(199),
  y: fc.nat(149),
  widthPx: fc.integer({ min: 1, max: 120 }),
  heightPx: fc.integer({ min: 1, max: 120 }),
  colors: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat(),
});

function paint(
  frame: Frame,
  { x, y, widthPx, heightPx, colors, seed }: { x: number; y: number; widthPx: number; heightPx: number; colors: number; seed: number },
) {
  let state = seed | 1;
  for (let py = y; py < Math.min(frame.heightPx, y + heightPx); py++) {
    for (let px = x; px < Math.min(frame.widthPx, x + widthPx); px++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      frame.pixels[py * frame.widthPx + px] = (0xff000000 | (Math.imul((state >>> 16) % colors, 0x012d59) + seed)) >>> 0;
    }
  }
}

test('every sequence of paintings arrives bit-exact, whatever size and number of colours', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 150 }),
      fc.array(painting, { maxLength: 6 }),
      fc.boolean(),
      (w, h, paintings, mayDeflate) => {
        const { now, decoder, step } = pair(w, h);
        for (const each of paintings) {
          paint(now, each);
          step(mayDeflate);
          assert.isTrue(same(now, decoder));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('scrolled text travels as copies and arrives bit-exact in both directions', () => {
  const { now, decoder, step } = pair(320, 256);
  paint(now, { x: 0, y: 0, widthPx: 320, heightPx: 256, colors: 3, seed: 7 });
  const first = step();
  for (const distance of [-16, -13, 32, 5]) {
    now.move(0, Math.max(0, -distance), { x: 0, y: Math.max(0, distance), widthPx: 320, heightPx: 256 - Math.abs(distance) });
    const { bytes, copies } = step();
    assert.isNotEmpty(copies);
    assert.isTrue(same(now, decoder));
    assert.isBelow(bytes, first.bytes / 4);
  }
});

test('a scroll beside a still column moves only what moved', () => {
  const { now, decoder, step } = pair(256, 256);
  paint(now, { x: 0, y: 0, widthPx: 256, heightPx: 256, colors: 2, seed: 3 });
  step();
  now.move(64, 16, { x: 64, y: 0, widthPx: 192, heightPx: 240 });
  const { copies } = step();
  assert.deepEqual(copies, [{ sourceX: 64, sourceY: 16, to: { x: 64, y: 0, widthPx: 192, heightPx: 240 } }]);
  assert.isTrue(same(now, decoder));
});

test('random moves and paintings together stay bit-exact', () => {
  const move = fc.record({
    fromY: fc.nat(100),
    toY: fc.nat(100),
    x: fc.nat(100),
    widthPx: fc.integer({ min: 1, max: 100 }),
    heightPx: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(move, painting), { minLength: 1, maxLength: 8 }), (steps) => {
      const { now, decoder, step } = pair(200, 200);
      paint(now, { x: 0, y: 0, widthPx: 120, heightPx: 120, colors: 20, seed: 1 });
      step();
      for (const [{ fromY, toY, x, widthPx, heightPx }, painted] of steps) {
        now.move(x, fromY, { x, y: toY, widthPx, heightPx });
        paint(now, { ...painted, widthPx: 10, heightPx: 10 });
        step();
        assert.isTrue(same(now, decoder));
      }
    }),
    { numRuns: 100 },
  );
});

test('a frame body cut at any length is malformed', () => {
  const { now } = pair(100, 70);
  paint(now, { x: 0, y: 0, widthPx: 30, heightPx: 30, colors: 5, seed: 5 });
  paint(now, { x: 70, y: 40, widthPx: 10, heightPx: 20, colors: 100, seed: 5 });
  const damage = new Damage(100, 70);
  damage.addAll();
  const copies = [{ sourceX: 0, sourceY: 1, to: { x: 0, y: 0, widthPx: 5, heightPx: 5 } }];
  const { body } = encodeFrameBody(now, damage, copies, false);
  for (let length = 0; length < body.length; length++) {
    const decoder = new FrameDecoder();
    decoder.resize(100, 70);
    assert.throws(() => decoder.decode({ type: 'frame', frame: 1, inputId: 0, body: body.subarray(0, length) }), MalformedMessage);
  }
});

test('mutated frame bodies decode or are malformed, and never anything else', () => {
  const { now } = pair(150, 100);
  paint(now, { x: 0, y: 0, widthPx: 150, heightPx: 100, colors: 6, seed: 9 });
  const damage = new Damage(150, 100);
  damage.addAll();
  for (const mayDeflate of [false, true]) {
    const encoded = encodeFrameBody(now, damage, [], mayDeflate);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(encoded.body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (changes) => {
        const body = encoded.body.slice();
        for (const [at, value] of changes) body[at] = value;
        const decoder = new FrameDecoder();
        decoder.resize(150, 100);
        onlyMalformed(() => decoder.decode({ type: 'frame', frame: 1, inputId: 0, ...encoded, body }));
      }),
      { numRuns: 1000 },
    );
  }
});

test('inflate agrees with zlib for every level and strategy', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { maxLength: 5000 }).map((bytes) => Uint8Array.from(bytes)),
  );
  const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE];
  fc.assert(
    fc.property(content, fc.integer({ min: 0, max: 9 }), fc.constantFrom(...strategies), (bytes, level, strategy) => {
      const deflated = deflateRawSync(bytes, { level, strategy });
      assert.deepEqual(inflate(deflated, bytes.length), Uint8Array.from(bytes));
      for (const cut of [0, deflated.length >> 1, deflated.length - 1]) {
        assert.throws(() => inflate(deflated.subarray(0, cut), bytes.length), MalformedMessage);
      }
      assert.throws(() => inflate(deflated, bytes.length + 1), MalformedMessage);
      if (bytes.length > 0) assert.throws(() => inflate(deflated, bytes.length - 1), MalformedMessage);
    }),
    { numRuns: 300 },
  );
});

test('inflate of random bytes ends in a result or MalformedMessage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(2000), (bytes, length) => onlyMalformed(() => inflate(bytes, length))),
    { numRuns: 3000 },
  );
});

function onlyMalformed(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.instanceOf(error, MalformedMessage);
  }
}

test('the example of docs/protocol/remote-display.md §5 is what the encoder writes', () => {
  const frame = new Frame(3, 1);
  frame.pixels.set([0xffff0000, 0xff0000ff, 0xffff0000]);
  const damage = new Damage(3, 1);
  damage.addAll();
  assert.equal(Buffer.from(encodeFrameBody(frame, damage, [], true).body).toString('hex'), '0001000202ff00000000ff40');
});
