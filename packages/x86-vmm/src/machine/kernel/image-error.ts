/** A kernel image that cannot be started; the message says what is wrong with it. */
export class KernelImageError extends Error {}
