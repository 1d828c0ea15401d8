/** Reset control register (82371SB data sheet 2.5.5.6). */
export const RESET_CONTROL_PORT = 0xcf9;
export const RESET_CONTROL = { SYSTEM_RESET: 0x02, RESET_CPU: 0x04, FULL: 0x08, WRITABLE: 0x0e } as const;
