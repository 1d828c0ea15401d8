/* Serves a display to VNC viewers: RFB 3.3, 3.7 and 3.8 (RFC 6143). */

export type { ByteStream } from './byte-stream.js';
export type { RfbSecurity } from './handshake.js';
export { RfbServer, type RfbServerOptions } from './rfb-server.js';
