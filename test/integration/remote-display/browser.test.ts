import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CLOSE_CODE, decodeOpening } from '@millwright/remote-display/protocol';
import { DisplayServer } from '@millwright/remote-display/server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, assert, beforeAll, describe, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { SyntheticScreen } from './synthetic-screen.js';

/*
 * The display server and the real client in Chromium, over a real WebSocket: pixels are compared bit by bit,
 * input is followed to the machine's side, the line is cut and comes back.
 */

const CHROMIUM = '/usr/bin/chromium';
const DIST = fileURLToPath(new URL('../../../packages/remote-display/dist/', import.meta.url));

const PAGE = `<!doctype html><title>display</title><style>body{margin:0}</style><canvas id=screen tabindex=0></canvas>
<script type=module>
import { connectDisplay } from '/dist/client/index.js';
const withWorker = !location.search.includes('local');
window.statuses = [];
window.paints = [];
window.usedInVain = 0;
window.start = () => {
  window.display = connectDisplay({
    canvas: document.getElementById('screen'),
    url: 'ws://' + location.host + '/display',
    ticket: async () => (await fetch('/ticket')).text(),
    createWorker: withWorker ? () => new Worker('/dist/client/decode-worker.js', { type: 'module' }) : undefined,
    onStatus: (status) => window.statuses.push(status),
    onPainted: (frame) => window.paints.push(frame),
    onUsedInVain: () => window.usedInVain++,
  });
};
window.start();
window.pixels = async () => {
  const { pixels } = await window.display.picture();
  let text = '';
  for (let i = 0; i < pixels.length; i += 8192) text += String.fromCharCode(...pixels.subarray(i, i + 8192));
  return btoa(text);
};
// What the user sees, overlay included: read back from the element itself.
window.seen = (x, y) => {
  const source = document.getElementById('screen');
  const copy = document.createElement('canvas');
  copy.width = source.width; copy.height = source.height;
  const context = copy.getContext('2d');
  context.drawImage(source, 0, 0);
  return [...context.getImageData(x, y, 1, 1).data];
};
</script>`;

interface PageWindow {
  display: {
    control: { youHold: boolean };
    status: { phase: string };
    size: { widthPx: number; heightPx: number };
    inputToPaint(): { samples: number; p50Ms: number; p95Ms: number; p99Ms: number } | undefined;
    typeText(text: string, layout: string): Promise<{ untypable: string[] }>;
    sendCombination(name: string): void;
    requestControl(): void;
    close(): void;
  };
  statuses: { phase: string }[];
  paints: { decodeMicros: number }[];
  usedInVain: number;
  pixels(): Promise<string>;
  seen(x: number, y: number): number[];
  start(): void;
}

describe.skipIf(!existsSync(CHROMIUM))("display in Chromium (skipped when Debian's chromium is not installed)", () => {
  const screen = new SyntheticScreen(1024, 768);
  const display = new DisplayServer({ screen, input: screen });
  const sockets = new Set<WebSocket>();
  let http: Server;
  let browser: Browser;
  let page: Page;
  let tickets = 0;
  let refuse = 0;
  let sentBytes = 0;

  beforeAll(async () => {
    http = createServer((request, response) => void serve(request.url ?? '/', response));
    const webSockets = new WebSocketServer({ server: http, path: '/display', perMessageDeflate: false });
    webSockets.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('message', (first: Buffer) => {
        const { ticket } = decodeOpening(first);
        if (refuse > 0) {
          refuse--;
          socket.close(CLOSE_CODE.ticketRefused, 'used');
          return;
        }
        assert.match(ticket, /^ticket-\d+$/);
        const attached = display.attach(
          {
            send: (bytes) => {
              sentBytes += bytes.length;
              socket.send(bytes);
            },
            close: (code, reason) => socket.close(code, reason),
            get bufferedBytes() {
              return socket.bufferedAmount;
            },
          },
          { user: 'ann', name: 'Ann', rights: { view: true, control: true, admin: false } },
        );
        socket.on('message', (bytes: Buffer) => attached.receive(bytes));
        socket.on('close', () => {
          sockets.delete(socket);
          attached.closed();
        });
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    page.on('pageerror', (error) => console.error('page:', error.message));
    page.on('console', (message) => message.type() === 'error' && console.error('page:', message.text()));
    await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    await connected();
  });

  afterAll(async () => {
    await browser?.close();
    for (const socket of sockets) socket.terminate();
    http?.close();
  });

  async function serve(url: string, response: import('node:http').ServerResponse): Promise<void> {
    const path = url.split('?')[0]!;
    if (path === '/ticket') return void response.end(`ticket-${++tickets}`);
    if (path === '/favicon.ico') return void response.writeHead(204).end();
    if (path === '/') return void response.setHeader('content-type', 'text/html').end(PAGE);
    try {
      const file = await readFile(DIST + path.replace(/^\/dist\//, ''));
      response.setHeader('content-type', 'text/javascript').end(file);
    } catch {
      response.writeHead(404).end();
    }
  }

  async function connected(): Promise<void> {
    await page.waitForFunction(() => (window as unknown as PageWindow).display?.control.youHold === true);
  }

  /** Waits until the client has the server's picture, and compares every pixel. */
  async function assertSamePixels(): Promise<void> {
    const expected = Buffer.alloc(screen.frame.length * 4);
    screen.frame.forEach((pixel, i) => void expected.writeUInt32BE(((pixel << 8) | 0xff) >>> 0, 4 * i));
    let actual = Buffer.alloc(0);
    for (const end = Date.now() + 5000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
      actual = Buffer.from(await page.evaluate(() => (window as unknown as PageWindow).pixels()), 'base64');
      if (actual.equals(expected)) return;
    }
    assert.fail(`${actual.length} bytes of pixels, first difference at ${actual.findIndex((byte, i) => byte !== expected[i])}`);
  }

  test('text, photographs, fills and scrolling arrive bit-exact', async () => {
    screen.text(0, 48);
    await assertSamePixels();
    screen.photo(300, 200, 333, 111);
    screen.fill(10, 10, 500, 3, 0xffff8000);
    await assertSamePixels();
    for (let i = 0; i < 10; i++) {
      screen.scroll(16);
      screen.text(752, 1);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await assertSamePixels();
  });

  test('an idle screen sends nothing', async () => {
    await assertSamePixels();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = sentBytes;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(sentBytes, before);
  });

  test('key presses arrive as HID usages, are let go on blur, and their effect is painted soon', async () => {
    await page.focus('#screen');
    screen.input.length = 0;
    await page.keyboard.down('Shift');
    await page.keyboard.press('KeyA');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await until(() => screen.input.length === 4);
    assert.deepEqual(screen.input, ['+225', '+4', '-4', '-225']);
    await page.keyboard.up('Shift');

    await page.focus('#screen');
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('KeyB');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await assertSamePixels();
    const latency = (await page.evaluate(() => (window as unknown as PageWindow).display.inputToPaint()))!;
    const decode = await page.evaluate(() =>
      (window as unknown as PageWindow).paints.map((paint) => paint.decodeMicros / 1000).sort((a, b) => a - b),
    );
    console.log(
      `key to paint: p50 ${latency.p50Ms.toFixed(1)} p95 ${latency.p95Ms.toFixed(1)} p99 ${latency.p99Ms.toFixed(1)} ms over ${latency.samples}; decode p50 ${decode[decode.length >> 1]} p95 ${decode[Math.floor(decode.length * 0.95)]} ms`,
    );
    assert.isAtLeast(latency.samples, 100);
    assert.isBelow(latency.p50Ms, 100);
  });

  test('pointer positions are exact, buttons and wheel arrive', async () => {
    screen.input.length = 0;
    await page.mouse.move(0, 0);
    await page.mouse.move(1023, 767);
    await page.mouse.down();
    await page.mouse.up();
    await page.mouse.wheel(0, 200);
    await until(() => screen.input.includes('wheel 2'));
    assert.deepEqual(screen.input, ['abs 0,0,0', 'abs 65535,65535,0', 'abs 65535,65535,1', 'abs 65535,65535,0', 'wheel 2']);
  });

  test('in relative mode a click captures the pointer and differences arrive', async () => {
    display.setPointerMode('relative');
    await page.waitForFunction(() => document.querySelector('canvas')!.style.cursor === 'none');
    screen.input.length = 0;
    await page.mouse.move(500, 400);
    await page.mouse.down();
    await page.waitForFunction(() => document.pointerLockElement !== null);
    // The button that captured is let go while the pointer is captured: nothing for the guest, which saw no press.
    await page.mouse.up();
    await page.mouse.move(510, 395);
    await until(() => screen.input.length > 0);
    assert.deepEqual(screen.input, ['rel 10,-5,0']);
    // A button held while the capture ends is let go of for the guest, and forgotten at the next capture.
    await page.mouse.down();
    await page.evaluate(() => document.exitPointerLock());
    await page.waitForFunction(() => document.pointerLockElement === null);
    await page.mouse.up();
    await until(() => screen.input.length === 3);
    assert.deepEqual(screen.input.slice(1), ['rel 0,0,1', 'rel 0,0,0']);
    // Chromium refuses a capture right after one.
    await page.waitForTimeout(1500);
    await page.mouse.down();
    await page.waitForFunction(() => document.pointerLockElement !== null);
    await page.mouse.up();
    await page.mouse.move(520, 400);
    await until(() => screen.input.length > 3);
    assert.deepEqual(screen.input.slice(3), ['rel 10,5,0']);
    display.setPointerMode('absolute');
    await page.waitForFunction(() => document.pointerLockElement === null);
  });

  test('without control a key, a click and the wheel are said to be in vain, a passing pointer is not, and nothing is captured', async () => {
    const inVain = () => page.evaluate(() => (window as unknown as PageWindow).usedInVain);
    display.passControl(undefined);
    await page.waitForFunction(() => !(window as unknown as PageWindow).display.control.youHold);
    screen.input.length = 0;
    await page.mouse.move(300, 300);
    assert.equal(await inVain(), 0);
    await page.keyboard.press('KeyA');
    await page.mouse.click(300, 300);
    await page.mouse.wheel(0, 100);
    assert.isAtLeast(await inVain(), 3);
    display.setPointerMode('relative');
    await page.waitForFunction(() => document.querySelector('canvas')!.style.cursor === 'none');
    await page.mouse.click(300, 300);
    assert.isTrue(await page.evaluate(() => document.pointerLockElement === null));
    assert.deepEqual(screen.input, []);
    display.setPointerMode('absolute');
    await page.evaluate(() => (window as unknown as PageWindow).display.requestControl());
    await connected();
  });

  test('typed text waits for the machine and names what cannot be typed', async () => {
    screen.input.length = 0;
    const result = await page.evaluate(() => (window as unknown as PageWindow).display.typeText('Zy@\u4e2d\n', 'de'));
    assert.deepEqual(result, { untypable: ['中'] });
    assert.deepEqual(screen.input, ['+225', '+28', '-28', '-225', '+29', '-29', '+230', '+20', '-20', '-230', '+40', '-40']);
    await page.evaluate(() => (window as unknown as PageWindow).display.sendCombination('Ctrl+Alt+Delete'));
    await until(() => screen.input.length === 18);
    assert.deepEqual(screen.input.slice(12), ['+224', '+226', '+76', '-76', '-226', '-224']);
  });

  test('the text cursor is drawn over the picture and taken back', async () => {
    screen.fill(400, 400, 50, 50, 0xff000080);
    screen.cursor = { x: 410, y: 410, widthPx: 9, heightPx: 2, color: 0xaaaaaa, halfPeriodMs: 0 };
    screen.changed(0, 1);
    await seen(410, 410, [0xaa, 0xaa, 0xaa, 255]);
    await assertSamePixels();
    screen.cursor = undefined;
    screen.changed(0, 1);
    await seen(410, 410, [0, 0, 0x80, 255]);
  });

  test('after a cut the session resumes with a new ticket and only what changed', async () => {
    await assertSamePixels();
    const [ticketsBefore, bytesBefore] = [tickets, sentBytes];
    for (const socket of sockets) socket.terminate();
    screen.fill(700, 700, 20, 20, 0xff00ff00);
    await page.waitForFunction(() => {
      const { statuses } = window as unknown as PageWindow;
      return statuses.some(({ phase }) => phase === 'reconnecting') && statuses.at(-1)?.phase === 'connected';
    });
    await assertSamePixels();
    assert.equal(tickets, ticketsBefore + 1);
    assert.isBelow(sentBytes - bytesBefore, 1000);
    await connected();
  });

  test('a refused ticket is asked for again', async () => {
    refuse = 1;
    const ticketsBefore = tickets;
    for (const socket of sockets) socket.terminate();
    await until(() => tickets === ticketsBefore + 2);
    await connected();
    await assertSamePixels();
  });

  test('a change of size reaches the canvas', async () => {
    screen.resize(720, 400);
    screen.text(0, 25);
    await assertSamePixels();
    assert.deepEqual(await page.evaluate(() => (window as unknown as PageWindow).display.size), { widthPx: 720, heightPx: 400 });
  });

  test('the same canvas can be connected again, and the page works without a worker', async () => {
    await page.evaluate(() => {
      const own = window as unknown as PageWindow;
      own.display.close();
      own.start();
    });
    await connected();
    await assertSamePixels();
    await page.goto(`${page.url()}?local`);
    await connected();
    screen.photo(0, 0, 100, 100);
    await assertSamePixels();
  });

  test('the end of the screen ends the session with its reason', async () => {
    display.close('The machine was powered off.');
    await page.waitForFunction(() => (window as unknown as PageWindow).display.status.phase === 'ended');
    const status = await page.evaluate(() => (window as unknown as PageWindow).statuses.at(-1));
    assert.deepEqual(status, { phase: 'ended', code: CLOSE_CODE.screenEnded, reason: 'The machine was powered off.' } as never);
  });

  async function until(condition: () => boolean): Promise<void> {
    for (const end = Date.now() + 5000; !condition(); await new Promise((resolve) => setTimeout(resolve, 5))) {
      if (Date.now() > end) assert.fail(`timed out; input so far: ${screen.input.join(' ')}`);
    }
  }

  async function seen(x: number, y: number, color: number[]): Promise<void> {
    await page.waitForFunction(
      ([px, py, wanted]) => JSON.stringify((window as unknown as PageWindow).seen(px as number, py as number)) === JSON.stringify(wanted),
      [x, y, color],
      { timeout: 5000 },
    );
  }
});
