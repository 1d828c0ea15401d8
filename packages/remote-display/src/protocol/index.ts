/*
 * The Millwright display protocol: what client and server share. Runs anywhere: no Node, no DOM.
 * Described in docs/protocol/remote-display.md.
 */

export { type ClientMessage, clientMessages, type InputId, type InputMessage } from './client-messages.js';
export { type Envelope, EnvelopeSplitter, sealEnvelope } from './envelope.js';
export { eventsForCombination, KEY_COMBINATIONS, type KeyCombination, type KeyEvent, MAX_KEY_USAGE, USAGE_OF_CODE } from './keys.js';
export { isKeyboardLayout, KEYBOARD_LAYOUTS, type KeyboardLayout, keysForText, type Stroke } from './layouts.js';
export * from './limits.js';
export { MalformedMessage, MessageReader } from './message-reader.js';
export { MessageWriter } from './message-writer.js';
export { decodeOpening, encodeOpening, type Opening } from './opening.js';
export { ABSOLUTE_MAX, BUTTON, fromAbsolute, toAbsolute } from './pointer.js';
export {
  type Blink,
  type BlinkCell,
  type ControlState,
  type FrameMessage,
  type Leds,
  type PointerMode,
  type PointerShape,
  type Rights,
  type ServerMessage,
  serverMessages,
  type TextCursor,
} from './server-messages.js';
