/* Control instructions that change status, control or tags: FNINIT, FNCLEX, FLDCW. SDM Vol. 2A; power-on and reset leave what FNINIT leaves. */
import { BUSY, ES, EXCEPTIONS, FPU_CONTROL, FPU_EMPTY, FPU_STATUS, SF, followError, setStatus, status } from './float80-state';
import { FPU_CS, FPU_DP, FPU_DS, FPU_IP, FPU_OPCODE } from './state.generated';

export function fninit(): void {
  store<u32>(FPU_CONTROL, 0x037f);
  store<u32>(FPU_STATUS, 0);
  store<u32>(FPU_EMPTY, 0xff);
  store<u32>(FPU_IP, 0);
  store<u32>(FPU_CS, 0);
  store<u32>(FPU_OPCODE, 0);
  store<u32>(FPU_DP, 0);
  store<u32>(FPU_DS, 0);
  followError();
}
export function fnclex(): void {
  store<u32>(FPU_STATUS, status() & ~(EXCEPTIONS | SF | ES | BUSY));
  followError();
}
/** Bits 0..5 masks, 8..9 PC, 10..11 RC, 12 (infinity control, no meaning) are kept; bit 6 reads as 1. */
export function fldcw(word: u32): void {
  store<u32>(FPU_CONTROL, (word & 0x1f3f) | 0x40);
  setStatus(status());
}
