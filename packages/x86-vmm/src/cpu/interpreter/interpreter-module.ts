import { readdirSync, readFileSync, statSync } from 'node:fs';
import { deserialize, setFlagsFromString } from 'node:v8';
import { type GeneratedInterpreter, generateInterpreter } from './generate.js';

/** Where the build leaves the generated interpreter (write-interpreter.ts); absent when running from sources. */
export const GENERATED_FILE = new URL('../../interpreter.bin', import.meta.url);
/** Set to anything but 0: the interpreter counts what it executes and `statistics()` has it, a fifth slower. */
export const PROFILING = (process.env['X86_VMM_PROFILE'] ?? '0') !== '0';
/** What the interpreter is generated from. */
const SOURCES = ['./', '../semantics/', '../decoder/', '../wasm/', '../'].map((folder) => new URL(folder, import.meta.url));

/**
 * V8 obeys branch hints without being asked from 13.6 (Chrome 136) on; before, by a flag that must be set when modules are compiled. With
 * them the calls of slow paths spill registers only there: crc32 in a region is 2.3 times as fast (see docs/adr/0014).
 */
function obeyBranchHints(): void {
  const [major = 0, minor = 0] = process.versions.v8.split('.').map(Number);
  if (major < 13 || (major === 13 && minor < 6)) setFlagsFromString('--experimental-wasm-branch-hinting');
}

let made: { readonly module: WebAssembly.Module; readonly interpreter: GeneratedInterpreter } | undefined;

/** The interpreter's module, made once in a process when it is first needed: read where the build has left it, otherwise generated (some 300 ms). */
export function interpreterModule(): { readonly module: WebAssembly.Module; readonly interpreter: GeneratedInterpreter } {
  if (!made) {
    obeyBranchHints();
    const interpreter = PROFILING ? generateInterpreter({ profile: true }) : (readGenerated() ?? generateInterpreter());
    made = { module: new WebAssembly.Module(interpreter.bytes), interpreter };
  }
  return made;
}

/** The build's result, unless any of its sources is newer: a compilation without the last build step must not run old code. */
function readGenerated(): GeneratedInterpreter | undefined {
  if (import.meta.url.endsWith('.ts')) return undefined;
  try {
    const writtenMs = statSync(GENERATED_FILE).mtimeMs;
    const isOld = SOURCES.some((folder) =>
      readdirSync(folder).some((name) => name.endsWith('.js') && statSync(new URL(name, folder)).mtimeMs > writtenMs),
    );
    return isOld ? undefined : (deserialize(readFileSync(GENERATED_FILE)) as GeneratedInterpreter);
  } catch {
    return undefined;
  }
}
