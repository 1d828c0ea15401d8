import { CR0, CR4, DR6, DR7, Vector } from '../architecture.js';
import { hasExtension } from '../model.js';
import type { SlowCpu } from '../semantics/slow-cpu.js';
import { CR, DR } from '../state.js';
import { refreshBounds } from './segmentation.js';

/* Writing control and debug registers, with the checks and flushes that follow (SDM Vol. 3A 2.5, 4.10.4.1; Vol. 3B 17.2; Vol. 2 MOV). */

const CR0_DEFINED = CR0.PE | CR0.MP | CR0.EM | CR0.TS | CR0.NE | CR0.WP | CR0.AM | CR0.NW | CR0.CD | CR0.PG;
const CR4_DEFINED = CR4.TSD | CR4.DE | CR4.PSE | CR4.PGE | CR4.OSFXSR;

export function writeCr0(cpu: SlowCpu, value: number): void {
  if (value & CR0.PG && !(value & CR0.PE)) cpu.raise(Vector.GP, 0);
  if (value & CR0.NW && !(value & CR0.CD)) cpu.raise(Vector.GP, 0);
  const old = cpu.u32[CR >> 2]!;
  // ET is a constant 1 since the P6; reserved bits are ignored.
  cpu.u32[CR >> 2] = (value & CR0_DEFINED) | CR0.ET;
  const changed = old ^ value;
  if (changed & CR0.PE) refreshBounds(cpu);
  if (changed & (CR0.PG | CR0.PE | CR0.WP)) cpu.flushTranslations(true);
  cpu.modeChanged();
}

export function writeCr3(cpu: SlowCpu, value: number): void {
  // PWT and PCD are kept; the rest below the page is reserved and ignored.
  cpu.u32[(CR + 3 * 8) >> 2] = value & 0xffff_f018;
  cpu.flushTranslations(false);
}

export function writeCr4(cpu: SlowCpu, value: number): void {
  const defined = hasExtension(cpu.model, 'SSE') ? CR4_DEFINED | CR4.OSXMMEXCPT : CR4_DEFINED;
  if (value & ~defined) cpu.raise(Vector.GP, 0);
  const old = cpu.u32[(CR + 4 * 8) >> 2]!;
  cpu.u32[(CR + 4 * 8) >> 2] = value;
  if ((old ^ value) & (CR4.PSE | CR4.PGE)) cpu.flushTranslations(true);
  cpu.modeChanged();
}

/** LMSW: PE, MP, EM and TS; PE can be set but not cleared. */
export function loadMachineStatusWord(cpu: SlowCpu, value: number): void {
  const old = cpu.u32[CR >> 2]!;
  writeCr0(cpu, ((old & ~0xe) | (value & 0xf) | (old & CR0.PE)) >>> 0);
}

/** Number that DR4 and DR5 stand for: DR6 and DR7 unless debug extensions make them #UD. General detect raises #DB before the access. */
export function debugRegisterNumber(cpu: SlowCpu, number: number): number {
  if (number !== 4 && number !== 5) return number;
  if (cpu.u32[(CR + 4 * 8) >> 2]! & CR4.DE) cpu.raise(Vector.UD);
  return number + 2;
}

export function writeDebugRegister(cpu: SlowCpu, number: number, value: number): void {
  const at = (DR + number * 8) >> 2;
  if (number === 6) cpu.u32[at] = DR6.FIXED | (value & 0xe00f);
  else if (number === 7) cpu.u32[at] = DR7.FIXED | (value & 0xffff_23ff);
  else cpu.u32[at] = value;
  if (number === 6) return;
  // Pages with data breakpoints may not have translation entries; which pages those are has changed.
  cpu.flushTranslations(true);
  cpu.modeChanged();
}
