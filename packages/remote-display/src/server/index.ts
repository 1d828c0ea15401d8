/* The server side of the display: what a hypervisor host puts between a machine and its viewers. */

export type { Clock } from '../screen/clock.js';
export type { Rectangle } from '../screen/region.js';
export type { InputPort, ScreenPort, ScreenUpdate } from '../screen/screen-port.js';
export type { DisplaySocket } from './connection.js';
export {
  type AttachedSocket,
  type AuthorizedSession,
  type DisplayPeer,
  DisplayServer,
  type DisplayServerOptions,
} from './display-server.js';
