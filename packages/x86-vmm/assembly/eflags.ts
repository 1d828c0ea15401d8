/* EFLAGS between instructions: the same form as src/cpu/semantics/flags.ts, which says what it is, and `getEflags` and `setEflags` of cpu.ts. */
import { EFLAGS_SYSTEM, FLAG_CARRIES, FLAG_RESULT } from './state.generated';

export const TF: u32 = 0x100;
export const IF: u32 = 0x200;
export const DF: u32 = 0x400;
export const IOPL: u32 = 0x3000;
export const NT: u32 = 0x4000;
export const RF: u32 = 0x1_0000;
export const VM: u32 = 0x2_0000;
export const AC: u32 = 0x4_0000;
export const VIF: u32 = 0x8_0000;
export const VIP: u32 = 0x10_0000;
export const ID: u32 = 0x20_0000;
export const OSZAPC: u32 = 0x8d5;
const FIXED: u32 = 2;
const DEFINED: u32 = 0x3f_7fd5;

export function readEflags(): u32 {
  const result = load<u32>(FLAG_RESULT);
  const carries = load<u32>(FLAG_CARRIES);
  let parity = (result ^ (carries >>> 8)) & 0xff;
  parity ^= parity >>> 4;
  return (
    (carries >>> 31) |
    (((0x9669 >>> (parity & 15)) & 1) << 2) |
    ((carries & 8) << 1) |
    (<u32>(result == 0) << 6) |
    (((result ^ (carries << 15)) >>> 31) << 7) |
    (((carries ^ (carries << 1)) >>> 31) << 11) |
    load<u32>(EFLAGS_SYSTEM) |
    FIXED
  );
}

/** All of EFLAGS, but RF: it has a meaning only in single-step mode. `modeChanged` is the caller's. */
export function writeEflags(value: u32): void {
  const cf = value & 1;
  const zf = (value >>> 6) & 1;
  store<u32>(FLAG_RESULT, zf ^ 1);
  store<u32>(
    FLAG_CARRIES,
    (cf << 31) |
      ((cf ^ ((value >>> 11) & 1)) << 30) |
      (((value >>> 7) & 1) << 16) |
      ((((value >>> 2) & 1) ^ zf) << 8) |
      ((value & 0x10) >>> 1),
  );
  store<u32>(EFLAGS_SYSTEM, (value & DEFINED & ~OSZAPC & ~RF) | FIXED);
}
