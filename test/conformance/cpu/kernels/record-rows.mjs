/*
 * Writes rows/<kernel>.txt: what Debian's Bochs 2.7 prints for each kernel. Run after a kernel was changed, and look at the difference:
 *   node test/conformance/cpu/kernels/record-rows.mjs
 * Debian's Bochs has no display but RFB and waits for a viewer, so this is one that looks at nothing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('./', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'millwright-bochs-'));
const RFB_PORT = 5900;
/** Bochs does not end by itself; a kernel needs well under a second of it. */
const RUN_MS = 8_000;

// Bochs wants a video ROM: 32 KiB, signature, length, a far return, checksum zero.
const videoRom = Buffer.alloc(0x8000);
videoRom.set([0x55, 0xaa, 0x40, 0xcb, 0xf6]);
writeFileSync(join(folder, 'video.rom'), videoRom);
writeFileSync(join(folder, 'commands'), 'c\n');

for (const file of readdirSync(here).filter((name) => name.endsWith('.asm'))) {
  const name = file.slice(0, -4);
  const rom = join(folder, `${name}.rom`);
  const { status, stderr } = spawnSync('nasm', ['-f', 'bin', '-w-all', '-i', here, '-o', rom, join(here, file)]);
  if (status !== 0) throw new Error(String(stderr));
  const text = await run(rom);
  // Bochs greets with its banner and the first instruction; its own messages begin with the tick.
  const rows = text
    .slice(text.indexOf('\n', text.indexOf('f000:fff0')) + 1)
    .split('\n')
    .filter((row) => !/^\d+[a-z]\[/.test(row));
  const end = rows.indexOf('end');
  if (end < 0) throw new Error(`${name}: did not reach its end\n${text.slice(-2000)}`);
  writeFileSync(join(here, 'rows', `${name}.txt`), `${rows.slice(0, end + 1).join('\n')}\n`);
  console.log(`${name}: ${end} rows`);
}
rmSync(folder, { recursive: true });

/** @param {string} rom */
function run(rom) {
  const config = join(folder, 'bochsrc');
  writeFileSync(
    config,
    [
      `romimage: file=${rom}, address=0xffff0000, options=none`,
      `vgaromimage: file=${join(folder, 'video.rom')}`,
      'megs: 16',
      'cpu: model=bx_generic, count=1, ips=10000000, reset_on_triple_fault=0',
      'display_library: rfb',
      'port_e9_hack: enabled=1',
      'sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy',
      'plugin_ctrl: speaker=0',
      'log: /dev/null',
      'panic: action=report',
      'error: action=ignore',
      'info: action=ignore',
    ].join('\n'),
  );
  const bochs = spawn('bochs', ['-q', '-f', config, '-rc', join(folder, 'commands')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let isEnding = false;
  const done = new Promise((resolve) => {
    const timer = setTimeout(() => bochs.kill('SIGKILL'), RUN_MS);
    bochs.stdout.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (isEnding || !/^end$/m.test(text)) return;
      isEnding = true;
      setTimeout(() => bochs.kill('SIGKILL'), 50);
    });
    bochs.on('exit', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
  look();
  return done;

  function look() {
    const socket = connect(RFB_PORT, '127.0.0.1');
    socket.on('error', () => bochs.exitCode === null && setTimeout(look, 100));
    let step = 0;
    socket.on('data', (bytes) => {
      // Version, security type "none", ClientInit; after that nothing is asked for.
      if (step === 0) socket.write(bytes.subarray(0, 12));
      else if (step === 1) socket.write(Buffer.of(1));
      step++;
    });
    bochs.on('exit', () => socket.destroy());
  }
}
