/* Serves a display to VNC viewers: RFB 3.3, 3.7 and 3.8 (RFC 6143). */
export { RfbServer, type RfbServerOptions } from './rfb-server.js';
export type { RfbSecurity } from './handshake.js';
export type { ByteStream } from './byte-stream.js';
