/* The browser side of the display: connectDisplay on a canvas. The decode worker's entry is ./decode-worker. */
export { type DisplayConnection, DisplayEndedError, type DisplayOptions, type DisplayStatus } from './display.js';
export { connectDisplay } from './display-connection.js';
export type { LatencySummary } from './input-latency.js';
export type { PaintedFrame, ScreenPicture } from './painter.js';
