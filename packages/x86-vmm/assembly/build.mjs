/*
 * Compiles the AssemblyScript kernels: assembly/kernels.ts -> dist/kernels.wasm. The layout comes from src/cpu/state.ts, the only place
 * where it is written: its constants are rewritten to AssemblyScript in assembly/state.generated.ts, objects as NAME_key.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const here = new URL('./', import.meta.url);
const root = new URL('../', here);

const state = await readFile(new URL('src/cpu/state.ts', root), 'utf8');
await writeFile(new URL('state.generated.ts', here), layoutAsAssemblyScript(state));
await mkdir(new URL('dist/', root), { recursive: true });

const memoryBase = Number(/export const KERNEL_DATA = (\w+)/.exec(state)[1].replaceAll('_', ''));
process.chdir(root.pathname);
const { error, stderr } = await asc.main([
  'assembly/kernels.ts',
  '--outFile',
  'dist/kernels.wasm',
  '-O3',
  '--runtime',
  'stub',
  '--noAssert',
  '--use',
  'abort=',
  '--importMemory',
  '--sharedMemory',
  // The least any machine has; the engine's memory is larger (guest RAM begins at RAM).
  '--initialMemory',
  '1024',
  '--maximumMemory',
  '65536',
  '--memoryBase',
  String(memoryBase),
  '--enable',
  'threads',
  '--enable',
  'simd',
  '--enable',
  'sign-extension',
  '--enable',
  'nontrapping-f2i',
  '--enable',
  'bulk-memory',
  ...process.argv.slice(2),
]);
if (error) {
  console.error(stderr.toString());
  console.error(String(error));
  process.exit(1);
}

/** @param {string} source */
function layoutAsAssemblyScript(source) {
  const lines = ['// Generated from src/cpu/state.ts by build.mjs; do not edit.'];
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  for (const [, name, value] of code.matchAll(/export const (\w+) = ([^;]*);/g)) {
    const text = value.replace(/\s+as const$/, '').trim();
    if (!text.startsWith('{')) lines.push(`export const ${name}: u32 = ${text};`);
    else
      for (const [, key, entry] of text.matchAll(/(\w+):\s*([^,}]+)/g)) lines.push(`export const ${name}_${key}: u32 = ${entry.trim()};`);
  }
  return `${lines.join('\n')}\n`;
}
