import { EventEmitter } from 'node:events';
import { constants, createInflate } from 'node:zlib';
import fc from 'fast-check';
import { assert, test } from 'vitest';
import type { ScreenUpdate } from '../screen/screen-port.js';
import { DisplayServer } from '../server/display-server.js';
import { ENCODING } from './constants.js';
import { RfbServer } from './rfb-server.js';
import { vncAuthResponse } from './security.js';

/** A duplex stream between server and test: `write` is the server's, `say` the client's. */
class FakeStream extends EventEmitter {
  readonly writableLength = 0;
  bytes = Buffer.alloc(0);
  isDestroyed = false;

  write(bytes: Uint8Array): boolean {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    return true;
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.emit('close');
  }

  say(...parts: (number[] | Uint8Array | string)[]): void {
    for (const part of parts) this.emit('data', Buffer.from(part as Uint8Array));
  }

  take(length: number): Buffer {
    assert.isAtLeast(this.bytes.length, length, 'the server has not written enough');
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }
}

class FakeScreen {
  widthPx = 150;
  heightPx = 100;
  frame = new Uint32Array(150 * 100).fill(0xff000000);
  state: Partial<ScreenUpdate> = {};
  #answer: ((update: ScreenUpdate) => void) | undefined;
  #due = false;

  requestUpdate(): Promise<ScreenUpdate> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      if (this.#due) this.publish();
    });
  }

  publish(): void {
    const answer = this.#answer;
    this.#due = answer === undefined;
    this.#answer = undefined;
    const { widthPx, heightPx } = this;
    answer?.({ rectangles: [{ x: 0, y: 0, widthPx, heightPx }], widthPx, heightPx, ...this.state });
  }

  fill(x: number, y: number, widthPx: number, heightPx: number, color: (x: number, y: number) => number): void {
    for (let py = y; py < y + heightPx; py++)
      for (let px = x; px < x + widthPx; px++) this.frame[py * this.widthPx + px] = (0xff000000 | color(px, py)) >>> 0;
    this.publish();
  }
}

function setUp(security: ConstructorParameters<typeof RfbServer>[0]['security'] = { type: 'none' }) {
  const screen = new FakeScreen();
  const input: string[] = [];
  const display = new DisplayServer({
    screen,
    maxFramesPerSecond: Number.POSITIVE_INFINITY,
    input: {
      key: (usage, down) => void input.push(`${down ? '+' : '-'}${usage}`),
      pointerAbsolute: (x, y, buttons) => void input.push(`abs ${x},${y},${buttons}`),
      pointerRelative: (dx, dy, buttons) => void input.push(`rel ${dx},${dy},${buttons}`),
      wheel: (dz) => void input.push(`wheel ${dz}`),
    },
  });
  const stream = new FakeStream();
  new RfbServer({ display, security, desktopName: 'Test', random: (into) => into.fill(7) }).attach(stream);
  return { screen, input, display, stream };
}

/** Compression runs on a thread pool, so an update takes a moment. */
async function quiet(stream: FakeStream): Promise<void> {
  for (let last = -1, still = 0; still < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    still = stream.bytes.length === last ? still + 1 : 0;
    last = stream.bytes.length;
  }
}

function u16(...values: number[]): number[] {
  return values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]);
}
function u32(...values: number[]): number[] {
  return values.flatMap((value) => [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}
const setEncodings = (...encodings: number[]) => [2, 0, ...u16(encodings.length), ...u32(...encodings)];
const requestUpdate = (incremental: boolean, x = 0, y = 0, width = 150, height = 100) => [
  3,
  incremental ? 1 : 0,
  ...u16(x, y, width, height),
];

function handshake38(stream: FakeStream): void {
  assert.equal(stream.take(12).toString(), 'RFB 003.008\n');
  stream.say('RFB 003.008\n');
  assert.deepEqual([...stream.take(2)], [1, 1]);
  stream.say([1]);
  assert.deepEqual([...stream.take(4)], [0, 0, 0, 0]);
  stream.say([1]);
  const init = stream.take(24 + 4);
  assert.equal(init.subarray(24).toString(), 'Test');
  assert.deepEqual([init.readUInt16BE(0), init.readUInt16BE(2)], [150, 100]);
}

/** A client's framebuffer of 0xRRGGBB values, fed with updates in the server's own pixel format. */
class Client {
  pixels: Uint32Array;
  readonly seen: number[] = [];
  readonly pseudo: { encoding: number; x: number; y: number; width: number; height: number; data: Buffer }[] = [];
  readonly #inflate = createInflate();
  constructor(
    readonly stream: FakeStream,
    public width = 150,
    public height = 100,
    readonly bytesPerPixel = 4,
    readonly cpixelBytes = 3,
  ) {
    this.pixels = new Uint32Array(width * height);
  }

  /** Reads all updates written so far. */
  async read(): Promise<void> {
    await quiet(this.stream);
    while (this.stream.bytes.length > 0) {
      const header = this.stream.take(4);
      assert.equal(header[0], 0);
      for (let i = header.readUInt16BE(2); i > 0; i--) await this.#rectangle();
    }
  }

  /** Reads updates until the picture is the screen's: on a busy computer compression may take longer than quiet lasts. */
  async readUntilSame(screen: FakeScreen): Promise<void> {
    for (const end = Date.now() + 10_000; ; ) {
      await this.read();
      if (this.matches(screen) || Date.now() > end) break;
    }
    assert.isTrue(this.matches(screen));
  }

  async #rectangle(): Promise<void> {
    const header = this.stream.take(12);
    const [x, y, width, height] = [header.readUInt16BE(0), header.readUInt16BE(2), header.readUInt16BE(4), header.readUInt16BE(6)];
    const encoding = header.readInt32BE(8);
    this.seen.push(encoding);
    if (encoding === ENCODING.raw) {
      const data = this.stream.take(width * height * this.bytesPerPixel);
      for (let i = 0; i < width * height; i++)
        this.#set(
          x + (i % width),
          y + Math.floor(i / width),
          data.readUIntLE(i * this.bytesPerPixel, Math.min(this.bytesPerPixel, 4)) & 0xffffff,
        );
    } else if (encoding === ENCODING.copyRect) {
      const source = this.stream.take(4);
      const copy = Array.from(
        { length: width * height },
        (_, i) => this.pixels[(source.readUInt16BE(2) + Math.floor(i / width)) * this.width + source.readUInt16BE(0) + (i % width)]!,
      );
      for (const [i, pixel] of copy.entries()) this.#set(x + (i % width), y + Math.floor(i / width), pixel);
    } else if (encoding === ENCODING.zrle) {
      const data = await this.#unpack(this.stream.take(this.stream.take(4).readUInt32BE(0)));
      this.#tiles(data, x, y, width, height);
    } else {
      const bytes =
        encoding === ENCODING.extendedDesktopSize
          ? 20
          : encoding === ENCODING.cursor
            ? width * height * 4 + Math.ceil(width / 8) * height
            : 0;
      this.pseudo.push({ encoding, x, y, width, height, data: Buffer.from(this.stream.take(bytes)) });
      if (encoding === ENCODING.extendedDesktopSize || encoding === ENCODING.desktopSize) {
        [this.width, this.height] = [width, height];
        this.pixels = new Uint32Array(width * height);
      }
    }
  }

  #unpack(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const collect = (chunk: Buffer) => chunks.push(chunk);
      this.#inflate.on('data', collect);
      this.#inflate.write(bytes);
      this.#inflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#inflate.off('data', collect);
        resolve(Buffer.concat(chunks));
      });
    });
  }

  #tiles(data: Buffer, left: number, top: number, width: number, height: number): void {
    let at = 0;
    const color = () => {
      at += this.cpixelBytes;
      return data.readUIntLE(at - this.cpixelBytes, this.cpixelBytes) & 0xffffff;
    };
    for (let ty = top; ty < top + height; ty += 64) {
      for (let tx = left; tx < left + width; tx += 64) {
        const [w, h] = [Math.min(64, left + width - tx), Math.min(64, top + height - ty)];
        const kind = data[at++]!;
        const put = (i: number, pixel: number) => this.#set(tx + (i % w), ty + Math.floor(i / w), pixel);
        if (kind === 0) for (let i = 0; i < w * h; i++) put(i, color());
        else if (kind === 1) {
          const solid = color();
          for (let i = 0; i < w * h; i++) put(i, solid);
        } else if (kind <= 16) {
          const palette = Array.from({ length: kind }, color);
          const bits = kind === 2 ? 1 : kind <= 4 ? 2 : 4;
          const rowBytes = Math.ceil((w * bits) / 8);
          for (let i = 0; i < w * h; i++) {
            const bit = (i % w) * bits;
            put(i, palette[(data[at + Math.floor(i / w) * rowBytes + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1)]!);
          }
          at += rowBytes * h;
        } else {
          assert.equal(kind, 128);
          for (let i = 0; i < w * h; ) {
            const run = color();
            let length = 1;
            for (;;) {
              const byte = data[at++]!;
              length += byte;
              if (byte !== 255) break;
            }
            while (length-- > 0) put(i++, run);
          }
        }
      }
    }
    assert.equal(at, data.length);
  }

  #set(x: number, y: number, pixel: number): void {
    assert.isTrue(x < this.width && y < this.height);
    this.pixels[y * this.width + x] = pixel;
  }

  matches(screen: FakeScreen): boolean {
    return this.pixels.every((pixel, i) => pixel === (screen.frame[i]! & 0xffffff));
  }
}

const noise = (seed: number) => (x: number, y: number) => Math.imul(x * 31 + y * 57 + seed, 0x9e3779b1) & 0xffffff;
const text = (x: number, y: number) => ((x * 7 + y * 13) % 5 === 0 ? 0x102030 : 0xf0f0e0);
const bars = (x: number) => (x >> 3) * 0x0a0501;

test.each([[ENCODING.raw], [ENCODING.zrle]])(
  'encoding %i carries noise, text, bars and fills bit-exact, full and incremental',
  async (encoding) => {
    const { screen, stream } = setUp();
    handshake38(stream);
    const client = new Client(stream);
    stream.say(setEncodings(encoding, ENCODING.copyRect), requestUpdate(false));
    await client.read();
    for (const paint of [noise(1), text, bars, () => 0x123456]) {
      screen.fill(20, 10, 100, 80, paint);
      stream.say(requestUpdate(true));
      await client.readUntilSame(screen);
    }
    assert.include(client.seen, encoding);
  },
  30_000,
);

test('an incremental request waits for damage and gets only that', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  stream.say(setEncodings(0), requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(true));
  await quiet(stream);
  assert.equal(stream.bytes.length, 0);
  screen.fill(33, 33, 2, 2, () => 0xff0000);
  await quiet(stream);
  assert.equal(stream.bytes.length, 4 + 12 + 16 * 16 * 4);
  await client.read();
  assert.isTrue(client.matches(screen));
});

test('a request for part of the screen gets that part once', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  stream.say(setEncodings(0), requestUpdate(false));
  await client.read();
  screen.fill(0, 0, 150, 100, noise(4));
  stream.say(requestUpdate(true, 5, 5, 20, 20));
  await client.read();
  stream.say(requestUpdate(true, 5, 5, 20, 20));
  await quiet(stream);
  assert.equal(stream.bytes.length, 0);
  stream.say(requestUpdate(true));
  await client.read();
  assert.isTrue(client.matches(screen));
});

test('scrolling travels as CopyRect', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  stream.say(setEncodings(ENCODING.zrle, ENCODING.copyRect), requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(true));
  screen.fill(0, 0, 150, 100, noise(2));
  await client.read();
  stream.say(requestUpdate(true));
  await quiet(stream);
  screen.frame.copyWithin(0, 16 * 150);
  screen.publish();
  await client.read();
  assert.include(client.seen, ENCODING.copyRect);
  assert.isTrue(client.matches(screen));
});

test('the text cursor is drawn into the picture, moves, and does not travel with a scroll', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  stream.say(setEncodings(ENCODING.zrle, ENCODING.copyRect), requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(true));
  screen.state = { cursor: { x: 9, y: 30, widthPx: 9, heightPx: 2, color: 0xaaaaaa, halfPeriodMs: 200 } };
  screen.fill(0, 0, 150, 100, noise(2));
  await client.read();
  stream.say(requestUpdate(true));
  await client.read();
  assert.equal(client.pixels[31 * 150 + 10], 0xaaaaaa);
  stream.say(requestUpdate(true));
  await quiet(stream);
  screen.frame.copyWithin(0, 16 * 150);
  screen.publish();
  await client.read();
  assert.equal(client.pixels[31 * 150 + 10], 0xaaaaaa);
  stream.say(requestUpdate(true));
  screen.state = {};
  screen.publish();
  await client.read();
  assert.isTrue(client.matches(screen));
});

test('a change of size is told by ExtendedDesktopSize, then all pixels come', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  stream.say(setEncodings(0, ENCODING.extendedDesktopSize), requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(true));
  await quiet(stream);
  Object.assign(screen, { widthPx: 80, heightPx: 50, frame: new Uint32Array(80 * 50).fill(0xff00aa55) });
  screen.publish();
  await client.read();
  assert.deepEqual([client.width, client.height], [80, 50]);
  stream.say(requestUpdate(true, 0, 0, 80, 50));
  await client.read();
  assert.isTrue(client.matches(screen));
});

test('a client that cannot follow a change of size is let go', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  stream.say(setEncodings(0), requestUpdate(false));
  await quiet(stream);
  stream.say(requestUpdate(true));
  Object.assign(screen, { widthPx: 80, heightPx: 50, frame: new Uint32Array(80 * 50) });
  screen.publish();
  await quiet(stream);
  assert.isTrue(stream.isDestroyed);
});

test('extended keys, pointer mode and cursor are announced to clients that list them', async () => {
  const { screen, stream, display, input } = setUp();
  handshake38(stream);
  const client = new Client(stream);
  screen.state = { pointerShape: { widthPx: 2, heightPx: 1, hotX: 1, hotY: 0, pixels: Uint32Array.of(0xffff0000, 0x0000ff00) } };
  screen.publish();
  stream.say(setEncodings(0, ENCODING.qemuExtendedKeyEvent, ENCODING.qemuPointerMotionChange, ENCODING.cursor), requestUpdate(false));
  await client.read();
  stream.say(requestUpdate(true));
  await client.read();
  const shape = client.pseudo.filter(({ encoding }) => encoding === ENCODING.cursor).at(-1)!;
  assert.deepEqual([shape.x, shape.width, shape.height, ...shape.data], [1, 2, 1, 0, 0, 255, 0, 0, 255, 0, 0, 0x80]);
  assert.includeMembers(client.seen, [ENCODING.qemuExtendedKeyEvent, ENCODING.qemuPointerMotionChange]);

  stream.say([255, 0, ...u16(1), ...u32(0x61, 0x1e)], [255, 0, ...u16(0), ...u32(0x61, 0x1e)]);
  stream.say(requestUpdate(true));
  display.setPointerMode('relative');
  await client.read();
  assert.equal(client.pseudo.at(-1)!.x, 0);
  stream.say([5, 1, ...u16(0x7fff + 3, 0x7fff - 4)]);
  assert.deepEqual(input, ['+4', '-4', 'rel 3,-4,1']);
});

test('keysyms are keys of a US keyboard; buttons and wheel have their bits', async () => {
  const { stream, input } = setUp();
  handshake38(stream);
  const key = (keysym: number, down: number) => stream.say([4, down, 0, 0, ...u32(keysym)]);
  for (const keysym of [0xffe1, 0x41, 0x21, 0xff0d, 0xffc9, 0x1002020, 0x12345678]) key(keysym, 1);
  for (const keysym of [0xffe1, 0x61, 0x31]) key(keysym, 0);
  stream.say([5, 0, ...u16(149, 0)], [5, 2, ...u16(149, 0)], [5, 4 | 8, ...u16(0, 99)], [5, 16, ...u16(0, 99)]);
  await quiet(stream);
  assert.deepEqual(input, [
    '+225',
    '+4',
    '+30',
    '+40',
    '+69',
    '-225',
    '-4',
    '-30',
    'abs 65535,0,0',
    'abs 65535,0,4',
    'abs 0,65535,2',
    'wheel -1',
    'abs 0,65535,0',
    'wheel 1',
  ]);
});

test('closing lets go of held keys', async () => {
  const { stream, input } = setUp();
  handshake38(stream);
  stream.say([4, 1, 0, 0, ...u32(0x61)]);
  stream.destroy();
  await quiet(stream);
  assert.deepEqual(input, ['+4', '-4']);
});

/** Pixel format → bytes of 0xff8040 as Raw. Values by RFC 6143 §7.4. */
const FORMATS: readonly (readonly [string, number[], number[]])[] = [
  ['32 bits, blue first', [32, 24, 0, 1, ...u16(255, 255, 255), 16, 8, 0], [0x40, 0x80, 0xff, 0]],
  ['32 bits big-endian', [32, 24, 1, 1, ...u16(255, 255, 255), 16, 8, 0], [0, 0xff, 0x80, 0x40]],
  ['32 bits, red first in the high bytes', [32, 24, 0, 1, ...u16(255, 255, 255), 8, 16, 24], [0, 0xff, 0x80, 0x40]],
  ['16 bits 5-6-5', [16, 16, 0, 1, ...u16(31, 63, 31), 11, 5, 0], [0x08, 0xfc]],
  ['15 bits 5-5-5 big-endian', [16, 15, 1, 1, ...u16(31, 31, 31), 10, 5, 0], [0x7e, 0x08]],
  ['8 bits 2-3-3, blue first', [8, 8, 0, 1, ...u16(7, 7, 3), 0, 3, 6], [0x67]],
];

test.each(FORMATS)('pixel format: %s', async (_name, format, bytes) => {
  const { screen, stream } = setUp();
  handshake38(stream);
  screen.frame.fill(0xffff8040);
  stream.say([0, 0, 0, 0, ...format, 0, 0, 0], setEncodings(0), requestUpdate(true, 0, 0, 16, 16));
  await quiet(stream);
  stream.take(stream.bytes.length);
  stream.say(requestUpdate(true, 0, 0, 16, 16));
  screen.publish();
  await quiet(stream);
  stream.take(stream.bytes.length);
  stream.say(requestUpdate(false, 0, 0, 16, 16));
  await quiet(stream);
  stream.take(16);
  assert.deepEqual([...stream.take(bytes.length)], bytes);
});

test('a colour map client gets a map of 256 colours and indices into it', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  screen.frame.fill(0xffffffff);
  stream.say([0, 0, 0, 0, 8, 8, 0, 0, ...new Array(12).fill(0)]);
  const map = stream.take(6 + 256 * 6);
  assert.deepEqual([...map.subarray(0, 6)], [1, 0, 0, 0, 1, 0]);
  assert.deepEqual([...map.subarray(6 + 255 * 6)], [255, 255, 255, 255, 255, 255]);
});

test('ZRLE in a 16-bit format has 2-byte pixels', async () => {
  const { screen, stream } = setUp();
  handshake38(stream);
  screen.frame.fill(0xff0000f8);
  const client = new Client(stream, 150, 100, 2, 2);
  stream.say([0, 0, 0, 0, 16, 16, 0, 1, ...u16(31, 63, 31), 11, 5, 0, 0, 0, 0], setEncodings(ENCODING.zrle), requestUpdate(false));
  screen.publish();
  await client.read();
  stream.say(requestUpdate(true));
  await client.read();
  assert.isTrue(client.pixels.every((pixel) => pixel === 0x1e));
});

test("DES response of VNC authentication is the one known from TightVNC's and RealVNC's use", () => {
  // Single DES with the bit-reversed key; checked against the FIPS 81 vector: key 0123456789abcdef, "Now is t" → 3fa40e8a984d4815.
  const password = Buffer.from([0x80, 0xc4, 0xa2, 0xe6, 0x91, 0xd5, 0xb3, 0xf7]).toString('latin1');
  const challenge = Buffer.from('Now is tNow is t');
  assert.equal(Buffer.from(vncAuthResponse(challenge, password)).toString('hex'), '3fa40e8a984d48153fa40e8a984d4815');
});

test.each([['RFB 003.003\n'], ['RFB 003.007\n'], ['RFB 003.008\n'], ['RFB 003.889\n'], ['RFB 004.001\n'], ['RFB 003.005\n']])(
  '%s with a password: right enters, wrong is refused',
  (version) => {
    for (const isRight of [true, false]) {
      const { stream } = setUp({ type: 'vnc', password: () => 'secret' });
      stream.take(12);
      stream.say(version);
      if (version.includes('.003') || version.includes('.005')) assert.deepEqual([...stream.take(4)], [0, 0, 0, 2]);
      else {
        assert.deepEqual([...stream.take(2)], [1, 2]);
        stream.say([2]);
      }
      const challenge = stream.take(16);
      stream.say(vncAuthResponse(challenge, isRight ? 'secret' : 'Secret'));
      assert.equal(stream.take(4).readUInt32BE(0), isRight ? 0 : 1);
      if (isRight) {
        stream.say([0]);
        assert.equal(stream.take(28).subarray(24).toString(), 'Test');
      } else assert.isTrue(stream.isDestroyed);
    }
  },
);

test('RFB 3.3 without a password goes straight on', () => {
  const { stream } = setUp();
  stream.take(12);
  stream.say('RFB 003.003\n');
  assert.deepEqual([...stream.take(4)], [0, 0, 0, 1]);
  stream.say([1]);
  assert.equal(stream.bytes.length, 28);
});

test('a client is not in before it has authenticated', () => {
  const { stream, display } = setUp({ type: 'vnc', password: () => 'secret' });
  stream.say('RFB 003.008\n', [1]);
  assert.isTrue(stream.isDestroyed);
  assert.isUndefined(display.lease.holder);
});

test('requests survive any cut into chunks', async () => {
  const { stream, input } = setUp();
  handshake38(stream);
  const all = [
    ...setEncodings(0, 1, 16),
    ...[4, 1, 0, 0, ...u32(0x61)],
    ...[6, 0, 0, 0, ...u32(3), 1, 2, 3],
    ...[251, 0, ...u16(1, 1), 1, 0, ...new Array(16).fill(0)],
    ...[5, 1, ...u16(0, 0)],
  ];
  for (const byte of all) stream.say([byte]);
  await quiet(stream);
  assert.isFalse(stream.isDestroyed);
  assert.deepEqual(input, ['+4', 'abs 0,0,1']);
});

test('random bytes close the session or wait, and never throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), fc.boolean(), async (chunks, greeted) => {
      const { stream } = setUp();
      if (greeted) handshake38(stream);
      for (const chunk of chunks) stream.say(chunk);
      await new Promise((resolve) => setImmediate(resolve));
      stream.destroy();
    }),
    { numRuns: 500 },
  );
}, 30_000);
