/*
 * Boots a Linux kernel and keeps what the pictures of a boot are drawn from, in boot.json beside this file:
 *   node record-boot.mjs KERNEL INITRD APPEND TEXT SYSTEM_MAP
 * TEXT on COM1 ends it. KERNEL and INITRD of the Debian console guest are those that `npm run bench -- boot` makes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBios, readKernelLoader } from '@millwright/firmware';
import { createMachine } from '@millwright/x86-vmm';

const MEMORY_MIB = 256;
const POINTS = 80;
/** Of the flame graph, in shares of the whole: narrower frames cannot be seen. */
const NARROWEST = 0.003;

const [kernel, initrd, append, end, symbols] = process.argv.slice(2);
if (!symbols) throw new Error('give KERNEL INITRD APPEND TEXT SYSTEM_MAP');
writeFileSync(
  fileURLToPath(new URL('boot.json', import.meta.url)),
  `${JSON.stringify({ times: await timesOfBoot(), flames: flamesOfBoot() })}\n`,
);

/** [s of wall time, then ms of each cost so far], and how the boot ended. */
async function timesOfBoot() {
  const machine = await createMachine({
    memoryMiB: MEMORY_MIB,
    bios: readBios(),
    kernel: { image: readFileSync(kernel), initrd: readFileSync(initrd), commandLine: append, loaderRom: readKernelLoader() },
  });
  let said = '';
  let isOver = false;
  machine.listen((event) => {
    if (event.event === 'state' && event.state === 'stopped') isOver = true;
    if (event.event !== 'serial') return;
    said = (said + Buffer.from(event.bytes).toString('latin1')).slice(-1000);
    isOver ||= said.includes(end);
  });
  await machine.start();
  const points = [];
  const note = async () => {
    const { times, instructions } = await machine.statistics();
    const { wallMs, startMs, idleMs, diskMs, memoryMs, translationMs, parts } = times;
    const ms = [wallMs, startMs, idleMs, diskMs, memoryMs, translationMs, parts.interpreterMs, parts.regionsMs, parts.boardMs];
    points.push([...ms.map(Math.round), instructions]);
  };
  while (!isOver) {
    await note();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await note();
  await machine.stop();
  const step = Math.max(1, Math.ceil(points.length / POINTS));
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}

function flamesOfBoot() {
  const folder = mkdtempSync(join(tmpdir(), 'engine-pictures-'));
  try {
    const file = join(folder, 'boot.folded');
    const command = fileURLToPath(new URL('../../apps/hypervisor-host/bin/x86-vmm.mjs', import.meta.url));
    const words = ['run', '--memory', `${MEMORY_MIB}M`, '--kernel', kernel, '--initrd', initrd, '--append', append, '--serial', 'stdio'];
    const ends = ['--exit-on', end, '--profile', file, '--profile-symbols', symbols];
    execFileSync(process.execPath, [command, ...words, ...ends], { stdio: ['ignore', 'ignore', 'inherit'] });
    const root = { name: 'all', us: 0, children: new Map() };
    for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
      const space = line.lastIndexOf(' ');
      const us = Number(line.slice(space));
      let at = root;
      at.us += us;
      for (const name of line.slice(0, space).split(';')) {
        if (!at.children.has(name)) at.children.set(name, { name, us: 0, children: new Map() });
        at = at.children.get(name);
        at.us += us;
      }
    }
    return pruned(root, root.us * NARROWEST);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** [name, microseconds, frames inside]. */
function pruned({ name, us, children }, least) {
  const wide = [...children.values()].filter((child) => child.us >= least).sort((a, b) => b.us - a.us);
  return [name, us, wide.map((child) => pruned(child, least))];
}
