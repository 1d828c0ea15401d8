/* The browser side of the display: connectDisplay on a canvas. The decode worker's entry is ./decode-worker. */
export {
  connectDisplay,
  type DisplayConnection,
  DisplayEndedError,
  type DisplayOptions,
  type DisplayStatus,
} from './display-connection.js';
export type { LatencySummary } from './input-latency.js';
export type { PaintedFrame, ScreenPicture } from './painter.js';
