/* The kernels' doors: everything generated code and the TypeScript bodies call in dist/kernels.wasm. */
export * from './mmu';
export { modeChanged } from './mode';
export { exceptionShortcut, externalShortcut, interruptShortcut, returnShortcut } from './events';
export { loadSegmentShortcut, popSegmentShortcut, pushSegmentShortcut, storeSegmentShortcut } from './segments';
export * from './system';
export * from './float80';
export * from './mmx';
export * from './integer';
export * from './sse-approximate';
export * from './sse-arithmetic';
export * from './sse-convert';
export * from './sse-vector';
