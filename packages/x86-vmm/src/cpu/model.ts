import { EXTENSIONS, type Extension } from './semantics/instruction.js';

/*
 * Processors that a machine can have: they differ in what CPUID says and in the extensions of the instruction set, all else is the same.
 * Features that no model has (APIC, PAE, MTRR, MCA ...) are not ours to offer yet.
 */

export const CPU_MODELS = ['pentium2', 'pentium3', 'pentium4', 'core2'] as const;
export type CpuModel = (typeof CPU_MODELS)[number];
export const NEWEST_MODEL: CpuModel = 'core2';

export function isCpuModel(name: string): name is CpuModel {
  return (CPU_MODELS as readonly string[]).includes(name);
}

export interface ModelFacts {
  /** Family, model and stepping; also in EDX after reset. */
  readonly signature: number;
  /** The last extension that it has. */
  readonly extension: Extension;
  /** Bits of MXCSR: denormals are zeros (bit 6) came with the Pentium 4. */
  readonly mxcsrMask: number;
}
const MODELS: Readonly<Record<CpuModel, ModelFacts>> = {
  pentium2: { signature: 0x0652, extension: 'MMX', mxcsrMask: 0 },
  pentium3: { signature: 0x0686, extension: 'SSE', mxcsrMask: 0xffbf },
  pentium4: { signature: 0x0f29, extension: 'SSE2', mxcsrMask: 0xffff },
  core2: { signature: 0x06f6, extension: 'SSSE3', mxcsrMask: 0xffff },
};
export function factsOf(model: CpuModel): ModelFacts {
  return MODELS[model];
}
export function hasExtension(model: CpuModel, extension: Extension): boolean {
  return EXTENSIONS.indexOf(extension) <= EXTENSIONS.indexOf(factsOf(model).extension);
}
