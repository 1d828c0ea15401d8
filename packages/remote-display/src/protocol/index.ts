/*
 * The Millwright display protocol: what client and server share. Runs anywhere: no Node, no DOM.
 * Described in docs/protocol/remote-display.md.
 */
export * from './limits.js';
export { MalformedMessage, MessageReader } from './message-reader.js';
export { MessageWriter } from './message-writer.js';
export { EnvelopeSplitter, sealEnvelope, type Envelope } from './envelope.js';
export { decodeOpening, encodeOpening, type Opening } from './opening.js';
export { clientMessages, type ClientMessage, type InputId, type InputMessage } from './client-messages.js';
export {
  serverMessages,
  type Blink,
  type BlinkCell,
  type ControlState,
  type FrameMessage,
  type Leds,
  type PointerMode,
  type PointerShape,
  type Rights,
  type ServerMessage,
  type TextCursor,
} from './server-messages.js';
export { ABSOLUTE_MAX, BUTTON, fromAbsolute, toAbsolute } from './pointer.js';
export { eventsForCombination, KEY_COMBINATIONS, MAX_KEY_USAGE, USAGE_OF_CODE, type KeyCombination, type KeyEvent } from './keys.js';
export { isKeyboardLayout, KEYBOARD_LAYOUTS, keysForText, type KeyboardLayout, type Stroke } from './layouts.js';
