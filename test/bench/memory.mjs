import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { line3DiskImage } from '@millwright/line3-mixing';
import { debianWork } from './debian-guest.mjs';
import { ourEngine, qemu } from './engines.mjs';
import { Program } from './program.mjs';

/*
 * What a guest costs that runs and has nothing to do: the Line 3 panel with its 100 Hz timer, and Debian's kernel (250 Hz) at a shell.
 * Both engines have their machine at the same time and are watched over the same seconds.
 */

const OURS = 'Millwright';
const BOOT_SECONDS = 600;
/** After power-on or the shell's first word: tiering and lazy start-up work end, s. */
const SETTLE_SECONDS = 20;
const WATCH_SECONDS = 20;
const MIB = 1 << 20;

const GUESTS = {
  panel: { title: 'Line 3 panel', machine: panelMachine, ready: undefined },
  linux: {
    title: 'Debian kernel at a shell',
    machine: async (folder) => ({ ...(await debianWork(folder)), memoryMiB: 64 }),
    ready: /^ready\r?\n/m,
  },
};

/** @param {{ folder: string, say: Function, note: Function, only?: readonly string[], engine?: string }} bench `only`: panel, linux */
export async function memorySuite({ folder, say, note, only = Object.keys(GUESTS), engine }) {
  for (const name of only) {
    const { title, machine, ready } = GUESTS[name];
    const figures = await figuresOf({ [OURS]: ourEngine(engine), 'QEMU TCG': qemu }, await machine(folder), ready, note);
    const { [OURS]: ours, 'QEMU TCG': theirs } = figures;
    for (const [what, unit] of [
      ['memory beyond guest RAM', 'MiB resident'],
      ['CPU when idle', '% of a core'],
    ]) {
      const peer = theirs ? { peer: 'QEMU TCG', peerValue: theirs[what] } : {};
      say({ figure: `${title}, ${what}`, value: ours[what], unit, higherIsBetter: false, ...peer });
    }
  }
}

function panelMachine(folder) {
  const disk = join(folder, 'panel.img');
  copyFileSync(line3DiskImage(), disk);
  return { memoryMiB: 16, disk };
}

async function figuresOf(engines, machine, ready, note) {
  const programs = {};
  try {
    for (const [name, { missing, command }] of Object.entries(engines)) {
      const why = missing();
      if (why) note(`no figures of ${name}: ${why}`);
      else programs[name] = new Program(command(machine));
    }
    for (const [name, program] of Object.entries(programs)) {
      if (!ready) continue;
      try {
        await program.until(ready, BOOT_SECONDS);
      } catch (error) {
        if (name === OURS) throw error;
        // A kernel that starves while it calibrates its timers may not come up.
        note(`no figures of ${name}: ${error.message}`);
        await program.end();
        delete programs[name];
      }
    }
    await sleep(SETTLE_SECONDS * 1000);
    const before = Object.entries(programs).map(([name, program]) => ({ name, program, at: performance.now(), cpu: program.cpuSeconds() }));
    await sleep(WATCH_SECONDS * 1000);
    return Object.fromEntries(
      before.map(({ name, program, at, cpu }) => {
        const share = (program.cpuSeconds() - cpu) / ((performance.now() - at) / 1000);
        return [name, { 'CPU when idle': share * 100, 'memory beyond guest RAM': residentBeyond(program.pid, machine.memoryMiB) }];
      }),
    );
  } finally {
    for (const program of Object.values(programs)) await program.end();
  }
}

/**
 * MiB of resident memory that is not the guest's. Its RAM lies in the mapping with the most resident memory of those that are large
 * enough; what is resident there beyond the size of the RAM (state and TLBs lie behind it in ours) counts as ours.
 */
function residentBeyond(pid, memoryMiB) {
  let total = 0;
  let ram = 0;
  let sizeKiB = 0;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const [, key, value] = /^(Size|Rss): +(\d+) kB/.exec(line) ?? [];
    if (key === 'Size') sizeKiB = Number(value);
    if (key !== 'Rss') continue;
    total += Number(value);
    if (sizeKiB >= memoryMiB * 1024) ram = Math.max(ram, Number(value));
  }
  return ((total - Math.min(ram, memoryMiB * 1024)) * 1024) / MIB;
}
