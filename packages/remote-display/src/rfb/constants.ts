/* Numbers of RFC 6143 and of the RFB community's registry (rfbproto), by their names there. */

/** RFC 6143 §7.1.2 and §7.2. */
export const SECURITY_TYPE = { none: 1, vncAuthentication: 2 } as const;

/** Client to server, RFC 6143 §7.5; `qemu` is the QEMU client message. */
export const CLIENT_MESSAGE = {
  setPixelFormat: 0,
  setEncodings: 2,
  framebufferUpdateRequest: 3,
  keyEvent: 4,
  pointerEvent: 5,
  clientCutText: 6,
  setDesktopSize: 251,
  qemu: 255,
} as const;

/** Server to client, RFC 6143 §7.6. */
export const SERVER_MESSAGE = { framebufferUpdate: 0, setColorMapEntries: 1, bell: 2, serverCutText: 3 } as const;

/** RFC 6143 §7.7 and §7.8; negative ones are the registry's. */
export const ENCODING = {
  raw: 0,
  copyRect: 1,
  zrle: 16,
  cursor: -239,
  desktopSize: -223,
  extendedDesktopSize: -308,
  qemuPointerMotionChange: -257,
  qemuExtendedKeyEvent: -258,
} as const;
