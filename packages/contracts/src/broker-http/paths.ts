/** Every HTTP path below is relative to this prefix, except those of the host (HOST_PATHS). */
export const API_PREFIX = '/api/v1';
export const OPENAPI_PATH = '/api/v1/openapi.json';
/** socket.io path. */
export const EVENTS_PATH = '/events';
/** WebSocket of the hypervisor-host agents. */
export const AGENT_PATH = '/agent';
/**
 * WebSockets that an agent elsewhere holds ready at the front door, so that viewers reach it without a way in: raw bytes
 * of one viewer's connection each, `Authorization: Bearer <the welcome's viewerToken>`.
 */
export const VIEWER_LINE_PATH = '/agent/viewers';

/**
 * What the host agent serves to viewers through the front door. A ticket is the first message of a WebSocket, and the
 * `Authorization: Ticket <ticket>` header of plain requests; it is never part of a URL.
 */
export const HOST_PATHS = {
  /** WebSocket, remote-display protocol; purpose `display`. */
  display: '/display',
  /** WebSocket, raw bytes of a serial port in binary messages; purpose `serial`. */
  serial: '/display/serial',
  /** GET → image/png, at most 320 px wide; purpose `thumbnail` (the only one that may be used again until it expires). */
  thumbnail: '/display/thumbnail',
  /** GET → image/png in full size; purpose `screenshot`. */
  screenshot: '/display/screenshot',
  /** tus 1.0: the creation POST needs purpose `upload`; PATCH and HEAD go to the unguessable Location it answers. */
  uploads: '/uploads',
} as const;
export const TICKET_SCHEME = 'Ticket';
/** Query parameter of HOST_PATHS: the host's id, when it is not the one beside the front door. Grants have it in their URLs. */
export const HOST_PARAMETER = 'host';
