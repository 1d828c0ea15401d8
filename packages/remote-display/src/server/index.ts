/* The server side of the display: what a hypervisor host puts between a machine and its viewers. */
export {
  DisplayServer,
  type AttachedSocket,
  type AuthorizedSession,
  type DisplayPeer,
  type DisplayServerOptions,
} from './display-server.js';
export type { DisplaySocket } from './connection.js';
export type { Clock } from '../screen/clock.js';
export type { InputPort, ScreenPort, ScreenUpdate } from '../screen/screen-port.js';
export type { Rectangle } from '../screen/region.js';
