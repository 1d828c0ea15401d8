import { ourEngine, qemu, v86 } from './engines.mjs';
import { buildGuest } from './guest/build.mjs';
import { COMPUTE, COMPUTE_GOAL, IDLE_TICK_GOAL, KERNELS, SYSTEM, SYSTEM_GOAL, TICKS } from './kernel-goals.mjs';
import { Program } from './program.mjs';

/*
 * The kernels of guest/ in our engine and its peers, all machines started from the same image in the same run. A kernel's figure is CPU
 * time for one run of it: the best of a few rounds in which the engines take turns, after rounds that found how often it must run to be
 * measured and in which translators warm up.
 */

const OURS = 'Millwright';
/** A guest that does not answer within this time has hung, s. */
const LIMIT_SECONDS = 120;
/** Long enough to be measured, s of CPU time. */
const ROUND_SECONDS = 0.3;
const CALIBRATED_FROM_SECONDS = 0.08;
const MOST_CALIBRATIONS = 6;
/** Growth of the count from one calibration to the next below which the engine is warm. */
const STEADY_RATIO = 1.25;
const ROUNDS = 3;
const TICK_RUNS = 10;

/** @param {{ folder: string, say: Function, note: Function, only?: readonly string[], engine?: string }} bench */
export async function guestKernels({ folder, say, note, only = KERNELS, engine }) {
  for (const name of only) if (!KERNELS.includes(name)) throw new Error(`no kernel ${name}: ${KERNELS.join(', ')}`);
  const { image, native } = buildGuest(folder);
  const engines = { [OURS]: ourEngine(engine), v86, 'QEMU TCG': qemu, native: { missing: () => undefined, command: () => [native] } };
  const programs = {};
  try {
    for (const [name, { missing, command }] of Object.entries(engines)) {
      const why = missing();
      if (why) note(`no figures of ${name}: ${why}`);
      else programs[name] = new Program(command({ memoryMiB: 64, floppy: image }));
    }
    for (const name of Object.keys(programs)) await programs[name].until(/^ready\r?\n/m, LIMIT_SECONDS);
    const times = {};
    for (const kernel of only) {
      if (TICKS[kernel]) await tickFigure(kernel, programs, say, note);
      else times[kernel] = await timesOf(kernel, programs, note);
      if (times[kernel]) kernelFigures(kernel, times[kernel], say);
    }
    groupFigures(times, say);
  } finally {
    for (const program of Object.values(programs)) await program.end();
  }
}

/** CPU seconds of one run by engine; engines that lack the kernel are left out. @throws Error when checksums differ */
async function timesOf(kernel, programs, note) {
  const times = {};
  const counts = {};
  const sums = {};
  for (const [name, program] of Object.entries(programs)) {
    const found = await calibrated(kernel, program);
    if (/^[0-9a-f]+$/.test(found.sum)) Object.assign(counts, { [name]: found.count });
    else if (found.sum === 'missing') note(`${kernel}: ${name} lacks what it needs`);
    else if (found.sum !== 'unknown') throw new Error(`${kernel} in ${name}: ${found.sum}`);
    if (counts[name]) sums[name] = found.sum;
  }
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, count] of Object.entries(counts)) {
      const { sum, cpuSeconds } = await programs[name].measure(kernel, count, LIMIT_SECONDS);
      if (sum !== sums[name]) throw new Error(`${kernel} in ${name}: ${sums[name]}, then ${sum}`);
      times[name] = Math.min(times[name] ?? Infinity, cpuSeconds / count);
    }
  if (new Set(Object.values(sums)).size > 1) throw new Error(`${kernel}: checksums differ: ${JSON.stringify(sums)}`);
  return times;
}

/** How often a kernel must run to be measured: asked again until a translator's warming up no longer changes the answer. */
async function calibrated(kernel, program) {
  let count = 1;
  for (let tries = 0, before = 0; ; ) {
    const { sum, cpuSeconds } = await program.measure(kernel, count, LIMIT_SECONDS);
    if (!/^[0-9a-f]+$/.test(sum)) return { sum, count };
    if (cpuSeconds < CALIBRATED_FROM_SECONDS) {
      count *= 2;
      continue;
    }
    const next = Math.max(1, Math.round((count * ROUND_SECONDS) / cpuSeconds));
    if (++tries === MOST_CALIBRATIONS || next <= STEADY_RATIO * before) return { sum, count: next };
    before = next;
    count = next;
  }
}

function kernelFigures(kernel, { [OURS]: ours = null, ...peers }, say) {
  const better = Math.min(peers.v86 ?? Infinity, peers['QEMU TCG'] ?? Infinity);
  for (const [peer, time] of Object.entries(peers)) {
    const goalRatio = SYSTEM.includes(kernel) ? time === better && SYSTEM_GOAL : peer === 'v86' && COMPUTE_GOAL;
    say({
      figure: kernel,
      value: ours === null ? null : ours * 1000,
      unit: 'CPU ms a run',
      peer,
      peerValue: time * 1000,
      higherIsBetter: false,
      ...(goalRatio && { goalRatio }),
    });
  }
}

function groupFigures(times, say) {
  for (const { group, kernels, goals } of COMPUTE) {
    const isComplete = (name) => kernels.every((kernel) => times[kernel]?.[name] !== undefined);
    const meanOf = (name) => Math.exp(kernels.reduce((sum, kernel) => sum + Math.log(times[kernel][name]), 0) / kernels.length);
    for (const peer of ['v86', 'QEMU TCG', 'native'].filter(isComplete)) {
      say({
        figure: `${group}, geometric mean`,
        value: isComplete(OURS) ? meanOf(OURS) * 1000 : null,
        unit: 'CPU ms a run',
        peer,
        peerValue: meanOf(peer) * 1000,
        higherIsBetter: false,
        ...(goals[peer] && { goalRatio: goals[peer] }),
      });
    }
  }
}

/** At 1 kHz in HLT: share of a core. At 10 kHz in a loop: interrupts that came in a second. */
async function tickFigure(kernel, programs, say, note) {
  const { seconds, interrupts } = TICKS[kernel];
  const values = {};
  for (const [name, program] of Object.entries(programs)) {
    const { sum, cpuSeconds, wallSeconds } = await program.measure(kernel, TICK_RUNS, LIMIT_SECONDS);
    if (sum === 'unknown') continue;
    if (sum !== interrupts.toString(16)) throw new Error(`${kernel} in ${name}: ${sum}`);
    values[name] = kernel === 'tick-1k' ? (100 * cpuSeconds) / (TICK_RUNS * seconds) : (TICK_RUNS * interrupts) / wallSeconds / 1000;
  }
  const { [OURS]: value, ...peers } = values;
  if (value === undefined) return note(`${kernel}: no figure of ours`);
  const figure =
    kernel === 'tick-1k'
      ? { figure: '1 kHz ticks in HLT', unit: '% of a core', goal: IDLE_TICK_GOAL, higherIsBetter: false }
      : { figure: '10 kHz ticks in a loop', unit: 'kHz reached' };
  for (const [peer, peerValue] of Object.entries(peers)) say({ ...figure, value, peer, peerValue });
}
