export { type Assembly, type AssemblyOptions, assemble } from './assemble.js';
export { AssemblyError } from './assembly-error.js';
export { type Disassembly, disassemble } from './disassemble.js';
export type { Include } from './preprocess.js';
