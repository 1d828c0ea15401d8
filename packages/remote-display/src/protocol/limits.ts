/*
 * Numbers of the Millwright display protocol, version 1 (docs/protocol/remote-display.md).
 * Both sides import them, so that a limit cannot differ between the writer and the checker.
 */

/** First byte of every session, and first byte of `hello` and `welcome`. */
export const PROTOCOL_VERSION = 1;

/** The opening message (version byte and ticket) is at most this long: nothing larger is read from a stranger. */
export const MAX_OPENING_BYTES = 256;
/** The opening message is due within this time after the socket is open. */
export const OPENING_DEADLINE_MS = 2_000;

/** Side of a tile in pixels. Tiles are numbered row by row over the screen, the last ones are clipped. */
export const TILE_PX = 64;
/** Widest and highest screen; bounds every buffer a peer can make us allocate (256 MiB of pixels). */
export const MAX_SCREEN_PX = 8_192;

/** Payload bound towards the server: input, acknowledgements and control are small. */
export const MAX_CLIENT_PAYLOAD_BYTES = 4_096;
/** Payload bound towards the client: a raw frame of 3840x2160 is 24.9 MB before compression. */
export const MAX_SERVER_PAYLOAD_BYTES = 32 * 1024 * 1024;
/** A frame body after inflation; a declared length above it is refused before anything is allocated. */
export const MAX_FRAME_BODY_BYTES = 64 * 1024 * 1024;

/** Names of people shown in the control state, in UTF-8 bytes. */
export const MAX_NAME_BYTES = 128;
/** Reason in `bye`, in UTF-8 bytes. */
export const MAX_REASON_BYTES = 512;
/** Blinking cells: 132x60 text cells are 7,920. */
export const MAX_BLINK_CELLS = 16_384;
/** Side of the pointer shape. */
export const MAX_POINTER_SHAPE_PX = 256;
/** Copies in one frame; a scroll in one window needs one per column strip at worst. */
export const MAX_COPIES = 256;

/** Frames sent and not yet acknowledged; two hide one round trip without queueing old pictures. */
export const MAX_FRAMES_IN_FLIGHT = 2;
/** Keep-alive: the server pings after this silence, ... */
export const PING_INTERVAL_MS = 15_000;
/** ... and either side takes the connection for cut after this one (two lost pings and a margin). */
export const SILENCE_LIMIT_MS = 40_000;
/** How long a cut session may be resumed. */
export const RESUME_WINDOW_MS = 60_000;

/** Length of the session id that `welcome` hands out and `hello` gives back to resume. */
export const SESSION_ID_BYTES = 16;

/** `u8 channel` of a message. Clipboard and above are reserved: using them breaks the protocol in version 1. */
export const CHANNEL = { control: 0, video: 1, cursor: 2, input: 3, clipboard: 4, audio: 5, file: 6, annotations: 7 } as const;

/** Feature bits of `hello` and `welcome`; what both sides name may be used. */
export const FEATURE = { deflate: 1 << 0, copy: 1 << 1, decline: 1 << 2 } as const;

/**
 * WebSocket close codes (RFC 6455 §7.4.2 leaves 4000-4999 to applications); the same numbers are in `bye`,
 * because a relay over a plain byte stream cannot carry close codes.
 */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  malformed: 4400,
  ticketRefused: 4401,
  forbidden: 4403,
  noSuchScreen: 4404,
  openingTooLate: 4408,
  screenEnded: 4410,
  tooMuch: 4429,
} as const;

/** Close codes after which trying again cannot help; after any other the client connects again. */
export const FINAL_CLOSE_CODES: readonly number[] = [CLOSE_CODE.forbidden, CLOSE_CODE.noSuchScreen, CLOSE_CODE.screenEnded];
