import { type GeneratedInterpreter, generateInterpreter } from './generate.js';

let made: { readonly module: WebAssembly.Module; readonly interpreter: GeneratedInterpreter } | undefined;

/** The interpreter's module, generated once in a process when it is first needed. */
export function interpreterModule(): { readonly module: WebAssembly.Module; readonly interpreter: GeneratedInterpreter } {
  if (!made) {
    const interpreter = generateInterpreter();
    made = { module: new WebAssembly.Module(interpreter.bytes), interpreter };
  }
  return made;
}
