import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { CommandError, ExitStatus } from './exit-status.js';
import { run } from './run.js';
import type { RunOptions } from './run-options.js';
import type { VerifyOptions } from './verify.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const program = new Command('x86-vmm')
  .description('Runs a virtual PC.')
  .version(version)
  .exitOverride()
  .configureOutput({
    outputError: (text, write) =>
      write(
        `${text
          .replace(/^error:/, 'x86-vmm:')
          .trimEnd()
          .replaceAll('\n', ' ')}; add --help to see what there is\n`,
      ),
  });

program
  .command('run')
  .description('Start a machine and stay with it until it ends, a text appears or the time is over.')
  .option('--memory <size>', 'RAM, 1M to 3072M', '128M')
  .option('--disk <file>', 'IDE disk image (raw), up to three', collect, [])
  .option('--cdrom <file>', 'ISO image in the CD-ROM drive')
  .option('--floppy <file>', 'floppy image in drive A')
  .option('--kernel <file>', 'bzImage or Multiboot ELF, started without a boot device')
  .option('--initrd <file>', 'initial RAM disk of the kernel')
  .option('--append <text>', 'kernel command line')
  .option('--engine <tier>', 'interpreter, translator (all code before it runs) or auto (what runs often)', 'auto')
  .option('--boot <order>', 'boot order by letters: a floppy, c disk, d CD-ROM')
  .option('--bios <file>', 'system ROM instead of our own')
  .option('--vgabios <file>', 'video ROM at C0000')
  .option('--flat <file@address>', 'bare image in RAM; entered in real mode unless --cpu-state says otherwise')
  .option('--cpu-state <file>', 'registers to begin with (JSON)')
  .option('--steps <n>', 'run exactly n instructions')
  .option('--dump-state <file>', 'write the registers at the end (JSON)')
  .option('--dump-memory <address:length>', 'add bytes of memory to the dump')
  .option('--serial <target>', 'COM1: stdio, none, tcp:127.0.0.1:PORT or unix:PATH', 'stdio')
  .option('--screenshot-on-exit <file>', 'write the last picture as PNG')
  .option('--exit-on <text>', 'leave with status 0 when the text appears on serial or the text screen', collect, [])
  .option('--timeout <seconds>', 'leave with status 124 after this time')
  .option('--stats [form]', 'at the end print what the time was spent on (json or text) to standard error; text on a terminal')
  .option('--profile <file>', 'write where guest time went: a flame graph (.html), collapsed stacks (.folded) or speedscope (.json)')
  .option('--profile-period <n>', 'instructions between two samples (default: 200000)')
  .option('--profile-symbols <file>', "the guest kernel's System.map or /proc/kallsyms, for names instead of addresses")
  .option('--save <file>', 'save the machine at the end')
  .option('--restore <file>', 'begin from a saved machine')
  .option('--vnc <address:display>', 'serve the screen over VNC, e.g. 127.0.0.1:1')
  .option('--vnc-password-file <file>', 'password for VNC; required beyond loopback')
  .option('--debug-exit', 'ports 0xF4 (exit with status 2n+1) and 0xE9 (debug console)')
  .option('--trace <what>', 'post: print POST codes')
  .option('--no-reboot', 'leave with status 6 when the guest resets')
  .option('--cpu <model>', 'processor: pentium2, pentium3, pentium4, core2 (default: the newest)')
  .option('--icount <ns>', 'instruction-counted time: guest nanoseconds an instruction')
  .option('--lockstep <n>', 'compare interpreter and translating engine every n instructions; needs --icount')
  .action(async (options: RunOptions) => {
    // What few runs need is loaded when it is needed: scripts start this command by the hundred.
    const start = options.lockstep === undefined ? run : (await import('./run-lock-step.js')).runLockStep;
    process.exitCode = await start(options);
  });

program
  .command('verify')
  .description('Check equivalence, resource control and efficiency of this engine on this computer; status 0 when all hold.')
  .option('--seconds <n>', 'time for random programs', '30')
  .option('--json', 'print the figures as JSON')
  .action(async (options: VerifyOptions) => {
    const { verify } = await import('./verify.js');
    process.exitCode = await verify(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommandError) {
    console.error(`x86-vmm: ${error.message}`);
    process.exitCode = error.status;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : ExitStatus.usage;
  } else if (isFileTrouble(error)) {
    console.error(`x86-vmm: ${error.message}`);
    process.exitCode = ExitStatus.imageRefused;
  } else {
    console.error('x86-vmm: engine defect:', error);
    process.exitCode = ExitStatus.engineDefect;
  }
}

/** A file that the command line names cannot be read or written: the system's error, or the machine's word for it. */
function isFileTrouble(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^E[A-Z]+$|^(medium|snapshot)\./.test(String(error.code));
}
