import { assert, test } from 'vitest';
import { FrameDecoder } from '../client/frame-decoder.js';
import { type ClientMessage, clientMessages } from '../protocol/client-messages.js';
import { EnvelopeSplitter } from '../protocol/envelope.js';
import { CLOSE_CODE } from '../protocol/limits.js';
import { type ServerMessage, serverMessages } from '../protocol/server-messages.js';
import type { ScreenPort, ScreenUpdate } from '../screen/screen-port.js';
import { type AuthorizedSession, DisplayServer } from './display-server.js';

/** A screen under the test's control: paint, then `publish`. */
class FakeScreen implements ScreenPort {
  widthPx = 130;
  heightPx = 70;
  frame = new Uint32Array(130 * 70).fill(0xff000000);
  asked = 0;
  #answer: ((update: ScreenUpdate) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  #due: ScreenUpdate | undefined;

  requestUpdate(): Promise<ScreenUpdate> {
    this.asked++;
    if (this.#due) {
      const due = this.#due;
      this.#due = undefined;
      return Promise.resolve(due);
    }
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
  }

  /** Fills a rectangle and reports the damage as whole lines, as a video card would. */
  fill(x: number, y: number, widthPx: number, heightPx: number, color: number, more: Partial<ScreenUpdate> = {}): void {
    for (let row = y; row < y + heightPx; row++) this.frame.fill(color, row * this.widthPx + x, row * this.widthPx + x + widthPx);
    const update = { rectangles: [{ x: 0, y, widthPx: this.widthPx, heightPx }], widthPx: this.widthPx, heightPx: this.heightPx, ...more };
    if (this.#answer) this.#answer(update);
    else this.#due = { ...update, rectangles: [...(this.#due?.rectangles ?? []), ...update.rectangles] };
    this.#answer = undefined;
  }

  resize(widthPx: number, heightPx: number): void {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.frame = new Uint32Array(widthPx * heightPx).fill(0xff00ff00);
    this.#answer?.({ rectangles: [], widthPx, heightPx });
    this.#answer = undefined;
  }

  vanish(reason: string): void {
    this.#fail?.(new Error(reason));
  }
}

/** Time that moves only when told. */
function manualClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    pass(ms: number) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.run();
    },
  };
}

const engineer: AuthorizedSession = { user: 'u1', name: 'Ann', rights: { view: true, control: true, admin: false } };
const second: AuthorizedSession = { user: 'u2', name: 'Bo', rights: { view: true, control: true, admin: false } };
const admin: AuthorizedSession = { user: 'u3', name: 'Cy', rights: { view: true, control: true, admin: true } };
const watcher: AuthorizedSession = { user: 'u4', name: 'Di', rights: { view: true, control: false, admin: false } };

function setUp(maxFramesPerSecond = Number.POSITIVE_INFINITY) {
  const screen = new FakeScreen();
  const clock = manualClock();
  const input: string[] = [];
  let holdKeys: Promise<void> | undefined;
  const server = new DisplayServer({
    screen,
    clock,
    maxFramesPerSecond,
    input: {
      key: (usage, down) => {
        input.push(`${down ? '+' : '-'}${usage}`);
        return holdKeys;
      },
      pointerAbsolute: (x, y, buttons) => void input.push(`abs ${x},${y},${buttons}`),
      pointerRelative: (dx, dy, buttons) => void input.push(`rel ${dx},${dy},${buttons}`),
      wheel: (dz) => void input.push(`wheel ${dz}`),
    },
  });
  const waitInKey = (until: Promise<void>) => {
    holdKeys = until;
  };
  return { screen, clock, input, server, waitInKey };
}

/** A client that decodes what it gets, and acknowledges only when told. */
function client(server: DisplayServer, session: AuthorizedSession) {
  const got: ServerMessage[] = [];
  const decoder = new FrameDecoder();
  const splitter = new EnvelopeSplitter(1 << 25);
  const closed: { code?: number } = {};
  let bytes = 0;
  const attached = server.attach(
    {
      send: (chunk) => {
        bytes += chunk.length;
        splitter.push(chunk, (envelope) => {
          const message = serverMessages.decode({ ...envelope, payload: envelope.payload.slice() });
          got.push(message);
          if (message.type === 'geometry') decoder.resize(message.widthPx, message.heightPx);
          if (message.type === 'frame') decoder.decode(message);
        });
      },
      close: (code) => {
        closed.code = code;
      },
      bufferedBytes: 0,
    },
    session,
  );
  const say = (message: ClientMessage) => attached.receive(clientMessages.encode(message));
  const frames = () => got.filter((message) => message.type === 'frame');
  return {
    got,
    decoder,
    closed,
    say,
    frames,
    bytes: () => bytes,
    cut: () => attached.closed(),
    raw: (chunk: Uint8Array) => attached.receive(chunk),
    hello: () => say({ type: 'hello', features: 7 }),
    acknowledgeAll: () => say({ type: 'acknowledge', frame: frames().at(-1)!.frame, decodeMicros: 100 }),
    welcome: () => got.find((message) => message.type === 'welcome')!,
    control: () => got.filter((message) => message.type === 'control-state').at(-1)!.state,
    color: (x: number, y: number) => decoder.pixels[y * decoder.widthPx + x],
  };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const RED = 0xffff0000;
const CLIENT_RED = 0xff0000ff;

async function connected(session = engineer, maxFramesPerSecond?: number) {
  const all = setUp(maxFramesPerSecond);
  const viewer = client(all.server, session);
  viewer.hello();
  all.clock.pass(10);
  await settle();
  viewer.acknowledgeAll();
  return { ...all, viewer };
}

test('a newcomer is welcomed and gets the whole picture', async () => {
  const { screen, clock, server } = setUp();
  screen.fill(100, 60, 30, 10, RED);
  const viewer = client(server, engineer);
  viewer.hello();
  await settle();
  clock.pass(10);
  assert.deepEqual(
    viewer.got.slice(0, 2).map((message) => message.type),
    ['welcome', 'pointer-mode'],
  );
  assert.equal(viewer.frames().length, 1);
  assert.equal(viewer.color(129, 69), CLIENT_RED);
  assert.equal(viewer.color(0, 0), 0xff000000);
});

test('an idle screen costs no bytes, and the screen is asked once', async () => {
  const { screen, clock, viewer } = await connected();
  const [bytes, asked] = [viewer.bytes(), screen.asked];
  clock.pass(10_000);
  await settle();
  assert.equal(viewer.bytes(), bytes);
  assert.equal(screen.asked, asked);
});

test('damage reported as whole lines travels as the cells that changed', async () => {
  const { screen, viewer } = await connected();
  const before = viewer.bytes();
  screen.fill(3, 5, 4, 4, RED);
  await settle();
  assert.equal(viewer.color(3, 5), CLIENT_RED);
  assert.isBelow(viewer.bytes() - before, 80);
});

test('two frames may be in flight; further damage is gathered into one frame', async () => {
  const { screen, viewer } = await connected();
  for (let x = 0; x < 10; x++) {
    screen.fill(x * 10, 0, 10, 5, RED + x);
    await settle();
  }
  assert.equal(viewer.frames().length, 3);
  viewer.acknowledgeAll();
  await settle();
  assert.equal(viewer.frames().length, 4);
  for (let x = 0; x < 10; x++) assert.equal(viewer.color(x * 10, 0), (CLIENT_RED + x * 65536) >>> 0);
});

test('a busy screen is asked at the frame rate, and the first change after a pause at once', async () => {
  const { screen, clock, viewer } = await connected(engineer, 50);
  clock.pass(1000);
  const before = viewer.frames().length;
  for (let ms = 0; ms < 99; ms++) {
    screen.fill(ms, 0, 1, 1, RED);
    await settle();
    if (viewer.frames().length > 0) viewer.acknowledgeAll();
    clock.pass(1);
    await settle();
  }
  assert.equal(viewer.frames().length - before, 5);
});

test('the screen is not asked while no viewer has credit', async () => {
  const { screen, viewer } = await connected();
  for (const x of [0, 20]) {
    screen.fill(x, 0, 10, 5, RED);
    await settle();
  }
  const asked = screen.asked;
  await settle();
  assert.equal(screen.asked, asked);
  viewer.acknowledgeAll();
  assert.equal(screen.asked, asked + 1);
});

test('viewers of one picture share one encode', async () => {
  const { screen, clock, server, viewer } = await connected();
  const others = [client(server, second), client(server, watcher), client(server, admin)];
  for (const other of others) other.hello();
  clock.pass(10);
  await settle();
  for (const other of others) other.acknowledgeAll();
  const encodes = server.encodes;
  screen.fill(0, 0, 20, 20, RED);
  await settle();
  assert.equal(server.encodes, encodes + 1);
  for (const each of [viewer, ...others]) assert.equal(each.color(0, 0), CLIENT_RED);
});

test('a resumed session gets only what changed since the last frame it decoded', async () => {
  const { screen, server, clock, viewer } = await connected();
  screen.fill(0, 0, 16, 16, RED);
  await settle();
  const lastFrame = viewer.frames().at(-1)!.frame;
  screen.fill(32, 0, 16, 16, RED);
  await settle();
  viewer.cut();
  screen.fill(64, 0, 16, 16, RED);
  await settle();

  const again = client(server, engineer);
  again.decoder.resize(130, 70);
  again.say({ type: 'hello', features: 3, resume: { session: viewer.welcome().session, lastFrame } });
  clock.pass(10);
  await settle();
  assert.isTrue(again.welcome().resumed);
  assert.isBelow(again.bytes(), 250);
  assert.deepEqual([again.color(0, 0), again.color(32, 0), again.color(64, 0)], [0xff000000, CLIENT_RED, CLIENT_RED]);
});

test('a resume by another user, with a wrong id or an unknown frame starts anew', async () => {
  for (const [session, id, lastFrame] of [
    [second, undefined, 1],
    [engineer, new Uint8Array(16), 1],
    [engineer, undefined, 99],
  ] as const) {
    const { server, clock, viewer } = await connected();
    viewer.cut();
    const again = client(server, session);
    again.say({ type: 'hello', features: 3, resume: { session: id ?? viewer.welcome().session, lastFrame } });
    clock.pass(10);
    await settle();
    assert.isFalse(again.welcome().resumed);
    assert.equal(again.frames().length, 1);
  }
});

test('after the resume window the session is forgotten', async () => {
  const { server, clock, viewer } = await connected();
  viewer.cut();
  clock.pass(60_000);
  const again = client(server, engineer);
  again.say({ type: 'hello', features: 3, resume: { session: viewer.welcome().session, lastFrame: 1 } });
  assert.isFalse(again.welcome().resumed);
});

test('a change of size is announced before the frame that has it', async () => {
  const { screen, viewer } = await connected();
  screen.resize(200, 100);
  await settle();
  const types = viewer.got.map((message) => message.type);
  assert.isBelow(types.lastIndexOf('geometry'), types.lastIndexOf('frame'));
  assert.equal(viewer.decoder.widthPx, 200);
  assert.equal(viewer.color(199, 99), 0xff00ff00);
});

test('cursor and blink state travel when they change, without a frame', async () => {
  const { screen, viewer } = await connected();
  const frames = viewer.frames().length;
  const cursor = { x: 9, y: 14, widthPx: 9, heightPx: 2, color: 0xaaaaaa, halfPeriodMs: 228 };
  screen.fill(0, 0, 1, 1, 0xff000000, { cursor });
  await settle();
  assert.equal(viewer.frames().length, frames);
  assert.deepEqual(viewer.got.filter((message) => message.type === 'text-cursor').at(-1), { type: 'text-cursor', cursor });
});

test('a frame echoes the last input that took effect before its picture was taken', async () => {
  const { screen, viewer, input } = await connected();
  viewer.say({ type: 'key', id: 41, usage: 4, down: true });
  viewer.say({ type: 'key', id: 42, usage: 4, down: false });
  await settle();
  screen.fill(0, 0, 5, 5, RED);
  await settle();
  assert.deepEqual(input, ['+4', '-4']);
  assert.equal(viewer.frames().at(-1)!.inputId, 42);
});

test('a full keyboard buffer makes input wait in order, and joins pointer moves', async () => {
  const { viewer, input, waitInKey } = await connected();
  let release = () => {};
  waitInKey(
    new Promise<void>((resolve) => {
      release = resolve;
    }),
  );
  viewer.say({ type: 'key', id: 1, usage: 4, down: true });
  for (let i = 0; i < 50; i++) viewer.say({ type: 'pointer-absolute', id: 2 + i, x: i, y: i, buttons: 0 });
  viewer.say({ type: 'sync', id: 60 });
  await settle();
  assert.deepEqual(input, ['+4']);
  assert.isFalse(viewer.got.some((message) => message.type === 'synced'));
  release();
  await settle();
  assert.deepEqual(input, ['+4', 'abs 49,49,0']);
  assert.deepEqual(viewer.got.at(-1), { type: 'synced', id: 60 });
});

test("only the holder's input passes; the first that may control holds", async () => {
  const { server, viewer, input } = await connected(watcher);
  const holder = client(server, second);
  holder.hello();
  const other = client(server, engineer);
  other.hello();
  viewer.say({ type: 'key', id: 1, usage: 4, down: true });
  other.say({ type: 'wheel', id: 1, dz: 1 });
  holder.say({ type: 'key', id: 1, usage: 5, down: true });
  await settle();
  assert.deepEqual(input, ['+5']);
  assert.deepEqual(viewer.control(), { holderName: 'Bo', youHold: false, requestedBy: '' });
  assert.deepEqual(holder.control(), { holderName: 'Bo', youHold: true, requestedBy: '' });
});

test('hand-over lets go of held keys and buttons before the next holder may press', async () => {
  const { server, viewer, input } = await connected();
  const other = client(server, second);
  other.hello();
  other.say({ type: 'request-control' });
  assert.equal(viewer.control().requestedBy, 'Bo');
  viewer.say({ type: 'key', id: 1, usage: 0xe0, down: true });
  viewer.say({ type: 'pointer-absolute', id: 2, x: 7, y: 8, buttons: 1 });
  viewer.say({ type: 'hand-over' });
  other.say({ type: 'key', id: 1, usage: 4, down: true });
  await settle();
  assert.deepEqual(input, ['+224', 'abs 7,8,1', '-224', 'abs 7,8,0', '+4']);
  assert.isTrue(other.control().youHold);
});

test('who asked is told that the holder keeps control, and may ask again', async () => {
  const { server, viewer } = await connected();
  const [other, old] = [client(server, second), client(server, admin)];
  other.hello();
  old.say({ type: 'hello', features: 0 });
  const declined = (one: typeof other) => one.got.filter(({ type }) => type === 'control-declined');
  for (const times of [1, 2]) {
    other.say({ type: 'request-control' });
    assert.equal(viewer.control().requestedBy, 'Bo');
    other.say({ type: 'decline-control' });
    assert.equal(viewer.control().requestedBy, 'Bo', 'only the holder declines');
    viewer.say({ type: 'decline-control' });
    assert.deepEqual(viewer.control(), { holderName: 'Ann', youHold: true, requestedBy: '' });
    assert.deepEqual(declined(other), new Array(times).fill({ type: 'control-declined', holderName: 'Ann' }));
  }
  old.say({ type: 'request-control' });
  viewer.say({ type: 'decline-control' });
  assert.deepEqual(declined(old), [], 'a client that did not name the feature would not understand it');
});

test('an admin may take control, others may not', async () => {
  const { server, viewer } = await connected();
  const other = client(server, second);
  other.hello();
  other.say({ type: 'take-control' });
  other.say({ type: 'hand-over' });
  assert.isTrue(viewer.control().youHold);
  const boss = client(server, admin);
  boss.hello();
  boss.say({ type: 'take-control' });
  assert.deepEqual(viewer.control(), { holderName: 'Cy', youHold: false, requestedBy: '' });
});

test('a cut lets go of held keys at once; control waits for the same user and then goes to who asked', async () => {
  const { server, viewer, input, clock } = await connected();
  const other = client(server, second);
  other.hello();
  viewer.say({ type: 'key', id: 1, usage: 4, down: true });
  viewer.cut();
  await settle();
  assert.deepEqual(input, ['+4', '-4']);
  other.say({ type: 'request-control' });
  assert.isFalse(other.control().youHold);

  const reloaded = client(server, engineer);
  reloaded.hello();
  assert.isTrue(reloaded.control().youHold);
  reloaded.cut();
  clock.pass(10_000);
  assert.isTrue(other.control().youHold);
});

test('when the grace of a cut holder is over, the first key or button of another takes control and passes; a moving pointer does not', async () => {
  const { server, viewer, input, clock } = await connected();
  const other = client(server, second);
  other.hello();
  const looking = client(server, watcher);
  looking.hello();
  viewer.cut();
  other.say({ type: 'key', id: 1, usage: 4, down: true });
  clock.pass(10_000);
  assert.deepEqual(other.control(), { holderName: '', youHold: false, requestedBy: '' });
  looking.say({ type: 'key', id: 1, usage: 5, down: true });
  other.say({ type: 'pointer-absolute', id: 2, x: 1, y: 2, buttons: 0 });
  await settle();
  assert.deepEqual(input, []);
  other.say({ type: 'pointer-absolute', id: 3, x: 3, y: 4, buttons: 1 });
  await settle();
  assert.deepEqual(input, ['abs 3,4,1']);
  assert.isTrue(other.control().youHold);
  assert.equal(looking.control().holderName, 'Bo');
});

test('a viewer that says good-bye gives control away at once', async () => {
  const { server, viewer } = await connected();
  const other = client(server, second);
  other.hello();
  other.say({ type: 'request-control' });
  viewer.say({ type: 'bye' });
  viewer.cut();
  assert.isTrue(other.control().youHold);
});

test('nonsense closes its connection and no other', async () => {
  const { server, viewer } = await connected();
  const bad = client(server, second);
  bad.hello();
  bad.raw(Uint8Array.of(9, 9, 0));
  assert.equal(bad.closed.code, CLOSE_CODE.malformed);
  assert.equal(bad.got.at(-1)!.type, 'bye');
  assert.isUndefined(viewer.closed.code);
  const early = client(server, second);
  early.say({ type: 'wheel', id: 1, dz: 1 });
  assert.equal(early.closed.code, CLOSE_CODE.malformed);
});

test('more input than the machine can take closes the session that sent it', async () => {
  const { viewer, waitInKey } = await connected();
  waitInKey(new Promise(() => {}));
  for (let i = 1; i < 5000 && viewer.closed.code === undefined; i++) viewer.say({ type: 'key', id: i, usage: 4, down: i % 2 === 0 });
  assert.equal(viewer.closed.code, CLOSE_CODE.tooMuch);
});

test('silence is answered with a ping, then with the end', async () => {
  const { clock, viewer } = await connected();
  for (let s = 0; s < 20; s += 5) clock.pass(5_000);
  assert.equal(viewer.got.at(-1)!.type, 'ping');
  for (let s = 0; s < 30; s += 5) clock.pass(5_000);
  assert.equal(viewer.closed.code, CLOSE_CODE.goingAway);
});

test('a screen that is gone ends all sessions, and later ones at once', async () => {
  const { screen, server, viewer } = await connected();
  screen.vanish('powered off');
  await settle();
  assert.equal(viewer.closed.code, CLOSE_CODE.screenEnded);
  assert.deepEqual(viewer.got.at(-1), { type: 'bye', code: CLOSE_CODE.screenEnded, reason: 'powered off' });
  const late = client(server, engineer);
  assert.equal(late.closed.code, CLOSE_CODE.screenEnded);
});

test('a ticket without the right to view shows nothing', () => {
  const { server } = setUp();
  const nobody = client(server, { user: 'x', name: 'X', rights: { view: false, control: true, admin: true } });
  nobody.hello();
  assert.equal(nobody.closed.code, CLOSE_CODE.forbidden);
  assert.equal(nobody.frames().length, 0);
});
