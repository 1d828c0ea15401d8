import { register } from 'node:module';
import { EnvelopeSplitter } from '@millwright/remote-display/protocol';

/*
 * The whole way of a key press: Debian's Chromium on the portal that `npm start` starts, operator's key into the Line 3 guest, until the
 * canvas shows other pixels. The keys + and - change a setpoint, whose digits are drawn at once and by nothing else.
 */

register('./typescript-loader.mjs', import.meta.url);

const LINE3 = 'Line 3 mixing';
/** Digits of the speed setpoint, between its two buttons, in pixels of the guest. */
const DIGITS = { x: 900, y: 266, width: 54, height: 28 };
const PRESSES = 200;
/** Between presses, ms: apart enough that nothing queues, and out of step with every clock. */
const PAUSE_MS = { least: 120, spread: 180 };
const WARM_UP_PRESSES = 10;
const LOST_MS = 5_000;
/** Channel and type of a frame in docs/protocol/remote-display.md. */
const FRAME = { channel: 1, type: 2 };
const MAX_PAYLOAD_BYTES = 64 << 20;

/** @param {{ say: Function, note: Function }} bench */
export async function displaySuite({ say, note }) {
  const { Product, ADMIN_PASSWORD } = await import('../support/product.ts');
  const { Person } = await import('../support/browser.ts');
  const product = await Product.start();
  try {
    const person = await Person.open();
    try {
      const { page, screen } = person;
      await page.addInitScript(watchKeys, DIGITS);
      const frames = countFrames(page);
      await person.signIn(product.url, 'admin', product.oneTimePassword);
      await person.changePassword(product.oneTimePassword, ADMIN_PASSWORD);
      const card = page.getByRole('article', { name: LINE3 });
      await card.getByText('Running').waitFor({ timeout: 60_000 });
      await card
        .getByRole('link', { name: `Open ${LINE3}` })
        .last()
        .click();
      await screen.connected();
      await screen.canvas.focus();
      const press = async (index) => {
        const time = await pressAndWait(page, index % 2 ? 'NumpadSubtract' : 'NumpadAdd');
        await page.waitForTimeout(PAUSE_MS.least + Math.random() * PAUSE_MS.spread);
        return time;
      };
      for (let index = 0; index < WARM_UP_PRESSES; index++) await press(index);
      frames.forget();
      const times = [];
      for (let index = 0; index < PRESSES; index++) times.push(await press(index));
      const seen = times.filter((time) => time !== undefined).sort((a, b) => a - b);
      if (seen.length < times.length) note(`${times.length - seen.length} of ${times.length} presses changed nothing within ${LOST_MS} ms`);
      const at = (share) => seen[Math.min(seen.length - 1, Math.floor(seen.length * share))];
      say({ figure: 'key to pixel, median', value: at(0.5), unit: 'ms', higherIsBetter: false });
      say({ figure: 'key to pixel, 99 of 100', value: at(0.99), unit: 'ms', higherIsBetter: false });
      say({ figure: 'frame of a panel at work, mean', value: frames.meanBytes(), unit: 'bytes', higherIsBetter: false });
    } finally {
      await person.close();
    }
  } finally {
    await product.dispose();
  }
}

/** In the page: `keyToPixel` is the time from the event of a key to the animation frame in which the digits look different. */
function watchKeys({ x, y, width, height }) {
  addEventListener(
    'keydown',
    (event) => {
      const canvas = document.querySelector('.mw-screen-stage > canvas');
      if (!canvas) return;
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      const look = () => {
        context.drawImage(canvas, x, y, width, height, 0, 0, width, height);
        return new Uint32Array(context.getImageData(0, 0, width, height).data.buffer).join();
      };
      const before = look();
      window.keyToPixel = undefined;
      const again = () => {
        if (look() !== before) window.keyToPixel = performance.now() - event.timeStamp;
        else requestAnimationFrame(again);
      };
      requestAnimationFrame(again);
    },
    true,
  );
}

async function pressAndWait(page, key) {
  await page.evaluate(() => {
    window.keyToPixel = undefined;
  });
  await page.keyboard.press(key);
  const answer = await page.waitForFunction(() => window.keyToPixel, undefined, { polling: 20, timeout: LOST_MS }).catch(() => undefined);
  return answer?.jsonValue();
}

/** Frames as they come over the display's WebSocket. */
function countFrames(page) {
  let bytes = 0;
  let count = 0;
  page.on('websocket', (socket) => {
    if (!new URL(socket.url()).pathname.startsWith('/display')) return;
    const splitter = new EnvelopeSplitter(MAX_PAYLOAD_BYTES);
    socket.on('framereceived', ({ payload }) =>
      splitter.push(payload, ({ channel, type, payload: { length } }) => {
        if (channel !== FRAME.channel || type !== FRAME.type) return;
        bytes += length;
        count++;
      }),
    );
  });
  return {
    forget: () => {
      bytes = 0;
      count = 0;
    },
    meanBytes: () => bytes / count,
  };
}
