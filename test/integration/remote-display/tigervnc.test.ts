import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RfbServer } from '@millwright/remote-display/rfb';
import { DisplayServer } from '@millwright/remote-display/server';
import { afterEach, assert, describe, test } from 'vitest';
import { SyntheticScreen } from './synthetic-screen.js';
import { XDisplay } from './x-display.js';

/*
 * Debian's TigerVNC viewer under Xvfb shows exactly our pixels, and its keys and pointer reach the machine.
 */

const VIEWER = '/usr/bin/xtigervncviewer';
const XVFB = '/usr/bin/Xvfb';
const MISSING = [VIEWER, XVFB].filter((path) => !existsSync(path));

interface Running {
  x: XDisplay;
  viewer: ChildProcess;
  server: Server;
  home: string;
  sockets: Set<Socket>;
}

describe.skipIf(MISSING.length > 0)(`TigerVNC viewer${MISSING.length > 0 ? ` (skipped: no ${MISSING.join(', ')})` : ''}`, () => {
  let running: Running | undefined;

  afterEach(async () => {
    if (!running) return;
    const { x, viewer, server, home, sockets } = running;
    running = undefined;
    if (viewer.exitCode === null) {
      viewer.kill();
      await new Promise((resolve) => viewer.once('exit', resolve));
    }
    for (const socket of sockets) socket.destroy();
    server.close();
    await x.stop();
    await rm(home, { recursive: true, force: true });
  });

  async function show(screen: SyntheticScreen, encoding: string, password?: string): Promise<{ x: XDisplay; display: DisplayServer }> {
    const display = new DisplayServer({ screen, input: screen });
    const rfb = new RfbServer({ display, security: password === undefined ? { type: 'none' } : { type: 'vnc', password: () => password } });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      rfb.attach(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const x = await XDisplay.start(1280, 900);
    const home = await mkdtemp(join(tmpdir(), 'vnc-home-'));
    const security = password === undefined ? 'None' : 'VncAuth';
    const viewer = spawn(
      VIEWER,
      [
        `127.0.0.1::${(server.address() as AddressInfo).port}`,
        '-SecurityTypes',
        security,
        '-AutoSelect=0',
        `-PreferredEncoding=${encoding}`,
        '-RemoteResize=0',
        '-FullColor=1',
        '-AlertOnFatalError=0',
        '-geometry',
        '1200x880+0+0',
      ],
      {
        env: { PATH: process.env['PATH'], HOME: home, DISPLAY: x.name, VNC_PASSWORD: password ?? '' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let complaints = '';
    viewer.stderr?.on('data', (bytes: Buffer) => {
      complaints += bytes.toString();
    });
    viewer.once('exit', (code) => running?.viewer === viewer && console.error(`viewer ended with ${code}: ${complaints}`));
    running = { x, viewer, server, home, sockets };
    return { x, display };
  }

  /** Finds our picture on the X screen and returns its place once every pixel is right. */
  async function shown(x: XDisplay, screen: SyntheticScreen): Promise<{ left: number; top: number }> {
    let verdict = 'the picture was not found';
    for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const seen = await x.pixels();
      const place = find(seen, screen);
      if (!place) continue;
      const wrong = differences(seen, screen, place);
      if (wrong === 0) return place;
      verdict = `${wrong} pixels differ`;
    }
    return assert.fail(verdict);
  }

  test.each([['ZRLE'], ['Raw']])('%s: text, photograph and scrolling are shown bit-exact', async (encoding) => {
    const screen = marked(new SyntheticScreen(800, 600));
    const { x } = await show(screen, encoding);
    await shown(x, screen);
    screen.photo(200, 200, 300, 150);
    await shown(x, screen);
    for (let i = 0; i < 5; i++) {
      screen.frame.copyWithin(16 * 800 * 2, 16 * 800 * 3);
      screen.text(584, 1);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    screen.changed(0, 600);
    await shown(x, screen);
  });

  test('keys come as scan codes, the pointer with its exact position', async () => {
    const screen = marked(new SyntheticScreen(800, 600));
    const { x } = await show(screen, 'ZRLE');
    const { left, top } = await shown(x, screen);
    // A window that has just been drawn does not take the pointer yet.
    for (let i = 0; screen.input.length === 0 && i < 100; i++) {
      x.move(left + 90 + (i % 2), top + 50);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    x.move(left + 100, top + 50);
    x.button(1, true);
    x.button(1, false);
    await until(screen, 'abs', 4);
    const wanted = `abs ${Math.round((100 * 65535) / 799)},${Math.round((50 * 65535) / 599)}`;
    assert.includeMembers(screen.input, [`${wanted},1`, `${wanted},0`]);
    screen.input.length = 0;
    await x.focusTopWindow();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Key codes of Q, and of the key right of the left Shift on ISO keyboards, which has no keysym of its own on a US layout.
    for (const code of [24, 94]) {
      x.key(code, true);
      x.key(code, false);
    }
    await until(screen, '-', 2);
    assert.deepEqual(
      screen.input.filter((entry) => !entry.startsWith('abs')),
      ['+20', '-20', '+100', '-100'],
    );
  });

  test('a change of size is followed', async () => {
    const screen = marked(new SyntheticScreen(720, 400));
    const { x } = await show(screen, 'ZRLE');
    await shown(x, screen);
    screen.resize(800, 600);
    marked(screen);
    await shown(x, screen);
  });

  test('VNC authentication lets the right password in', async () => {
    const screen = marked(new SyntheticScreen(640, 480));
    const { x } = await show(screen, 'ZRLE', 'secret');
    await shown(x, screen);
  });
});

/** Puts a first row on the screen that is found nowhere else. */
function marked(screen: SyntheticScreen): SyntheticScreen {
  screen.text(0, Math.floor(screen.heightPx / 16));
  for (let x = 0; x < screen.widthPx; x++) screen.frame[x] = 0xff000000 | (x * 4099 + 77);
  screen.changed(0, screen.heightPx);
  return screen;
}

type Seen = Awaited<ReturnType<XDisplay['pixels']>>;

function find(seen: Seen, screen: SyntheticScreen): { left: number; top: number } | undefined {
  const first = screen.frame[0]! & 0xffffff;
  const second = screen.frame[1]! & 0xffffff;
  for (let top = 0; top + screen.heightPx <= seen.height; top++) {
    for (let left = 0; left + screen.widthPx <= seen.width; left++) {
      if (seen.at(left, top) === first && seen.at(left + 1, top) === second) return { left, top };
    }
  }
  return undefined;
}

function differences(seen: Seen, screen: SyntheticScreen, { left, top }: { left: number; top: number }): number {
  let wrong = 0;
  for (let y = 0; y < screen.heightPx; y++) {
    for (let x = 0; x < screen.widthPx; x++) {
      if (seen.at(left + x, top + y) !== (screen.frame[y * screen.widthPx + x]! & 0xffffff)) wrong++;
    }
  }
  return wrong;
}

async function until(screen: SyntheticScreen, start: string, count: number): Promise<void> {
  for (
    const end = Date.now() + 5000;
    screen.input.filter((entry) => entry.startsWith(start)).length < count;
    await new Promise((resolve) => setTimeout(resolve, 10))
  ) {
    if (Date.now() > end) assert.fail(`only came: ${screen.input.join(' ')}`);
  }
}
