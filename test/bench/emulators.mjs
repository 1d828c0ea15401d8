import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineWords, X86_VMM } from './engines.mjs';

/** Of the package bochs-term; Debian's bochs has no display library of its own, and `nogui` is not among its plug-ins. */
const BOCHS_TERMINAL = '/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so';
const TIME = '/usr/bin/time';
const LIMIT_MS = 600_000;

/** CPU seconds (user and system, all threads) that a command takes. @throws Error when it fails or does not end */
function cpuSeconds(folder, command, accepted) {
  const file = join(folder, 'time');
  const run = spawnSync(TIME, ['-o', file, '-f', '%U %S', ...command], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    cwd: folder,
    input: '',
  });
  if (run.error || !accepted.includes(run.status))
    throw new Error(`${command[0]} ended with ${run.status ?? run.error}: ${run.stderr.slice(-500)}`);
  const [user, system] = readFileSync(file, 'utf8').trim().split('\n').at(-1).split(' ').map(Number);
  return { seconds: user + system, stderr: run.stderr };
}

/** Runs an image until its debug exit; `instructions` as our engine counts them. */
export function runOurs(folder, image) {
  const file = join(folder, 'ours.img');
  writeFileSync(file, image);
  const { seconds, stderr } = cpuSeconds(
    folder,
    [
      process.execPath,
      X86_VMM,
      'run',
      ...engineWords('interpreter'),
      '--memory',
      '16M',
      '--floppy',
      file,
      '--serial',
      'none',
      '--exit-on',
      'Shutdown',
      '--stats',
      '--timeout',
      '500',
    ],
    [0],
  );
  const stats = JSON.parse(
    stderr
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('{')),
  );
  return { seconds, instructions: stats.instructions };
}

export const PEERS = {
  bochs: {
    missing: () => (existsSync(BOCHS_TERMINAL) ? undefined : 'bochs with bochs-term is not installed'),
    run(folder, image) {
      const file = join(folder, 'bochs.img');
      writeFileSync(file, image);
      const rc = join(folder, 'bochsrc');
      writeFileSync(
        rc,
        [
          'megs: 16',
          'romimage: file=/usr/share/seabios/bios.bin',
          'vgaromimage: file=/usr/share/seabios/vgabios-stdvga.bin',
          `floppya: 1_44=${file}, status=inserted`,
          'boot: floppy',
          'display_library: term',
          // Without it bochs aborts on a machine that has no sound card.
          'speaker: enabled=0',
          'sound: waveoutdrv=dummy',
          'clock: sync=none',
          'log: /dev/null',
          'panic: action=fatal',
          'error: action=ignore',
        ].join('\n'),
      );
      // Debian's bochs is the debugger build: it waits for a command. Its terminal display needs a terminal, which script(1) gives.
      const commands = join(folder, 'bochs-commands');
      writeFileSync(commands, 'continue\n');
      const command = `TERM=xterm exec /usr/bin/bochs -q -f ${rc} -rc ${commands}`;
      return cpuSeconds(folder, ['/usr/bin/script', '-qec', command, '/dev/null'], [0, 1]).seconds;
    },
  },
  'QEMU TCG': {
    missing: () => (existsSync('/usr/bin/qemu-system-i386') ? undefined : 'qemu-system-i386 is not installed'),
    run(folder, image) {
      const file = join(folder, 'qemu.img');
      writeFileSync(file, image);
      return cpuSeconds(
        folder,
        [
          '/usr/bin/qemu-system-i386',
          '-accel',
          'tcg',
          '-m',
          '16',
          '-display',
          'none',
          '-nodefaults',
          '-drive',
          `if=floppy,format=raw,file=${file}`,
          '-device',
          'isa-debug-exit,iobase=0xf4,iosize=4',
        ],
        [1],
      ).seconds;
    },
  },
};
