/*
 * The kernels of guest/ by what they show, and what we want of them. Ratios are CPU time of the peer over ours.
 */

/** @type {readonly { group: string, kernels: readonly string[], goals: Readonly<Record<string, number>> }[]} */
export const COMPUTE = [
  { group: 'integer', kernels: ['crc32', 'sieve', 'alu', 'mul64', 'quicksort'], goals: { v86: 1.8, 'QEMU TCG': 1 } },
  { group: 'pointer chase', kernels: ['chase256k', 'chase16m'], goals: {} },
  { group: 'calls', kernels: ['fib', 'interpreter', 'indirect'], goals: { v86: 2.5, 'QEMU TCG': 1.3 } },
  { group: 'SSE2', kernels: ['mandelbrot-sse2', 'mandelbrot-packed', 'nbody-sse2'], goals: { v86: 15, 'QEMU TCG': 15 } },
  { group: 'x87', kernels: ['mandelbrot-x87', 'nbody-x87'], goals: { v86: 6, 'QEMU TCG': 6 } },
];
/** Every compute kernel for itself, against v86. */
export const COMPUTE_GOAL = 1.2;

/** What a system does, each against the better of both peers. */
export const SYSTEM = [...['movs-long', 'stos-long', 'movs-short', 'stos-short', 'port', 'interrupt', 'fault', 'cr3', 'selfmod', 'beside']];
export const SYSTEM_GOAL = 0.8;

/** Guest seconds that one run takes; both halt or loop until a number of timer interrupts has come. */
export const TICKS = { 'tick-1k': { seconds: 0.1, interrupts: 100 }, 'tick-10k': { seconds: 0.1, interrupts: 1000 } };
/** Share of a core that a guest may take which only answers 1,000 ticks a second, %. */
export const IDLE_TICK_GOAL = 5;

export const KERNELS = [...COMPUTE.flatMap(({ kernels }) => kernels), ...SYSTEM, ...Object.keys(TICKS)];
