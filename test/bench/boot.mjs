import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { debianConsole, debianWork } from './debian-guest.mjs';
import { ourEngine, qemu, v86 } from './engines.mjs';
import { Program } from './program.mjs';

/*
 * Power-on to a shell, and what a shell does all day. Two guests with the same Debian kernel: the console guest from its disk, in
 * ours and QEMU, and BusyBox in the initial RAM disk, which all three run. One run of each; the engines follow
 * one another, so that a loaded machine is as loaded for each.
 */

const OURS = 'Millwright';
/** Wall time on two cores that many share, s. */
const LIMIT_SECONDS = 1500;
const BOOT_GOALS = { v86: 3, 'QEMU TCG': round(1 / 1.5) };
const AWK_THOUSANDS = 20;

/** Orders to work-init, what they are called, and our goal against v86. */
const WORK = [
  { order: 'fork-exec', count: 300, figure: '300 × fork and exec of BusyBox', goals: { v86: 4 } },
  { order: 'gzip', count: 1, figure: 'gzip of 2 MB', goals: {} },
  { order: 'gunzip', count: 1, figure: 'gunzip and md5sum of 2 MB', goals: {} },
  { order: 'awk', count: AWK_THOUSANDS, figure: `awk, ${AWK_THOUSANDS},000 rounds in floating point`, goals: {} },
];

/** @param {{ folder: string, say: Function, note: Function, only?: readonly string[], engine?: string }} bench `only`: console, work */
export async function bootSuite({ folder, say, note, only = ['console', 'work'], engine }) {
  const ours = ourEngine(engine);
  if (only.includes('work')) await workFigures({ [OURS]: ours, v86, 'QEMU TCG': qemu }, await debianWork(folder), say, note);
  if (only.includes('console')) {
    const machine = await debianConsole();
    const disk = join(folder, 'console.img'); // the guest writes to it
    execFileSync('cp', ['--sparse=always', machine.disk, disk]);
    await consoleFigure({ [OURS]: ours, 'QEMU TCG': qemu }, { ...machine, disk }, say, note);
  }
}

async function workFigures(engines, machine, say, note) {
  const results = {};
  for (const [name, engine] of Object.entries(engines)) {
    const times = await withMachine(name, engine, machine, note, async (program) => {
      await program.until(/^ready\r?\n/m, LIMIT_SECONDS);
      const boot = { sum: '', cpuSeconds: program.cpuSeconds() };
      const done = { boot, prepare: await program.measure('prepare', 1, LIMIT_SECONDS) };
      for (const { order, count } of WORK) done[order] = await program.measure(order, count, LIMIT_SECONDS);
      return done;
    });
    if (times) results[name] = times;
  }
  figuresOf('boot', 'Debian 686 kernel and BusyBox, power-on to shell', BOOT_GOALS, results, say);
  for (const { order, figure, goals } of WORK) figuresOf(order, figure, goals, results, say);
}

async function consoleFigure(engines, machine, say, note) {
  const results = {};
  for (const [name, engine] of Object.entries(engines)) {
    const boot = await withMachine(name, engine, machine, note, async (program) => {
      await program.until(/root@plant-console:/, LIMIT_SECONDS);
      return { sum: '', cpuSeconds: program.cpuSeconds() };
    });
    if (boot) results[name] = { boot };
  }
  figuresOf('boot', 'Debian console from its disk, power-on to shell', { 'QEMU TCG': BOOT_GOALS['QEMU TCG'] }, results, say);
}

async function withMachine(name, engine, machine, note, use) {
  const why = engine.missing();
  if (why) return note(`no figures of ${name}: ${why}`);
  const program = new Program(engine.command(machine));
  try {
    return await use(program);
  } catch (error) {
    if (name === OURS) throw error;
    note(`no figures of ${name}: ${error.message}`);
  } finally {
    await program.end();
  }
}

function figuresOf(order, figure, goals, { [OURS]: ours, ...peers }, say) {
  if (!ours) return;
  const { cpuSeconds: value, sum } = ours[order];
  const line = { figure, value, unit: 'CPU s', higherIsBetter: false };
  if (Object.keys(peers).length === 0) say(line);
  for (const [peer, { [order]: theirs }] of Object.entries(peers)) {
    if (theirs.sum !== sum) throw new Error(`${figure}: ${sum} in ours, ${theirs.sum} in ${peer}`);
    say({ ...line, peer, peerValue: theirs.cpuSeconds, ...(goals[peer] && { goalRatio: goals[peer] }) });
  }
}

function round(value) {
  return Number(value.toFixed(2));
}
