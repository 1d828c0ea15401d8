/** Coprocessor error port (82371SB data sheet 2.5.6): any write answers FERR#. F1 resets a coprocessor, which a CPU with its own FPU does not have. */
export const FPU_ERROR_PORT = 0xf0;
