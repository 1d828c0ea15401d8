import { PEERS, runOurs } from './emulators.mjs';
import { guestKernels } from './guest-kernels.mjs';
import { diskette, KERNELS } from './kernels.mjs';

/** Goal of the interpreter: million instructions a second. */
const GOAL_MIPS = 150;
const ROUNDS = { 'crc32 bitwise': 1_000, sieve: 2_500, 'call and stack': 8_000 };

/**
 * Each kernel with and without its rounds, so that starting, firmware and boot do not count: CPU time of the whole process, for the
 * instructions that our engine counts.
 */
async function interpreterSpeed({ folder, say, note }) {
  for (const [name, body] of Object.entries(KERNELS)) {
    const image = diskette(body, ROUNDS[name]);
    const empty = diskette(body, 0);
    const [worked, started] = [runOurs(folder, image), runOurs(folder, empty)];
    const instructions = worked.instructions - started.instructions;
    const value = instructions / (worked.seconds - started.seconds) / 1e6;
    let compared = false;
    for (const [peer, { missing, run }] of Object.entries(PEERS)) {
      const why = missing();
      try {
        if (why) throw new Error(why);
        const seconds = run(folder, image) - run(folder, empty);
        if (seconds <= 0.02) throw new Error('the kernel did not run');
        say({ figure: `${name}, interpreter`, value, unit: 'MIPS', peer, peerValue: instructions / seconds / 1e6, goal: GOAL_MIPS });
        compared = true;
      } catch (error) {
        note(`${name}: no figure of ${peer}: ${error.message}`);
      }
    }
    if (!compared) say({ figure: `${name}, interpreter`, value, unit: 'MIPS', goal: GOAL_MIPS });
  }
}

/** @param bench as run.mjs gives it; `only` names kernels of guest/ */
export async function cpuSuite(bench) {
  if (!bench.only) await interpreterSpeed(bench);
  await guestKernels(bench);
}
