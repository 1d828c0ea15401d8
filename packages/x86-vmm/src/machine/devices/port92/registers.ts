/** System control port A of the PS/2 (82371SB data sheet 2.5.5.5). */
export const PORT_92 = 0x92;
export const PORT_A = { FAST_INIT: 0x01, FAST_A20: 0x02 } as const;
