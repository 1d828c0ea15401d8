/** Ports where firmware and test programs speak to whoever debugs the machine. */
export const DEBUG_PORTS = {
  /** POST codes: the AT's manufacturing port (memory of a page register that no DMA channel uses), and a second one that test programs use. */
  POST: 0x80,
  POST_SECOND: 0x190,
  /** Bochs's and QEMU's debug console: a byte is printed, a read gives 0xE9. */
  CONSOLE: 0xe9,
  /** QEMU's isa-debug-exit: the machine ends with status 2n+1. */
  EXIT: 0xf4,
} as const;
