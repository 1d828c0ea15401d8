import { CR4 } from '../architecture.js';
import { hasExtension } from '../model.js';
import {
  CR,
  FPU_CONTROL,
  FPU_CS,
  FPU_DP,
  FPU_DS,
  FPU_EMPTY,
  FPU_IP,
  FPU_OPCODE,
  FPU_REGISTERS,
  FPU_STATUS,
  MXCSR,
  MXCSR_MASK,
  SEGMENT,
  SEGMENT_BYTES,
  XMM,
} from '../state.js';
import type { Decoded, Instruction } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';
import { checkAvailableNow, OperandBytes, setControlAndStatus, setWord, top } from './x87-environment.js';

/*
 * FXSAVE and FXRSTOR, SDM Vol. 1 section 10.5 and Vol. 2A. MXCSR, its mask and XMM0..7 belong to it
 * on a processor with SSE while CR4.OSFXSR is set; without either their places are neither written nor read. The rest of the 512 bytes stays as it is.
 */

const GP = 13;
const MXCSR_AT = 24;
const MXCSR_MASK_AT = 28;
const XMM_AT = 160;
const XMM_WORDS = 32;
const REGISTERS = 32;
const REGISTER_BYTES = 16;

function area(cpu: SlowCpu, decoded: Decoded): OperandBytes {
  checkAvailableNow(cpu, false);
  const bytes = new OperandBytes(cpu, decoded);
  // The linear address counts.
  if ((bytes.offset + word(cpu, SEGMENT + SEGMENT_BYTES * bytes.segment)) & 15) cpu.raise(GP, 0);
  return bytes;
}
const hasSse = (cpu: SlowCpu): boolean => hasExtension(cpu.model, 'SSE') && (word(cpu, CR + 4 * 8) & CR4.OSFXSR) !== 0;
const word = (cpu: SlowCpu, offset: number): number => cpu.u32[offset >> 2]!;

function save(cpu: SlowCpu, decoded: Decoded): void {
  const bytes = area(cpu, decoded);
  bytes.write16(0, word(cpu, FPU_CONTROL));
  bytes.write16(2, word(cpu, FPU_STATUS));
  // Abridged tags: 1 = not empty.
  bytes.write16(4, ~word(cpu, FPU_EMPTY) & 0xff);
  bytes.write16(6, word(cpu, FPU_OPCODE) & 0x7ff);
  bytes.write32(8, word(cpu, FPU_IP));
  bytes.write32(12, word(cpu, FPU_CS) & 0xffff);
  bytes.write32(16, word(cpu, FPU_DP));
  bytes.write32(20, word(cpu, FPU_DS) & 0xffff);
  for (let i = 0; i < 8; i++) {
    const at = FPU_REGISTERS + 16 * ((top(cpu) + i) & 7);
    const to = REGISTERS + REGISTER_BYTES * i;
    bytes.write32(to, word(cpu, at));
    bytes.write32(to + 4, word(cpu, at + 4));
    bytes.write32(to + 8, cpu.u16[(at + 8) >> 1]!);
    bytes.write32(to + 12, 0);
  }
  if (!hasSse(cpu)) return;
  bytes.write32(MXCSR_AT, word(cpu, MXCSR));
  bytes.write32(MXCSR_MASK_AT, word(cpu, MXCSR_MASK));
  for (let i = 0; i < XMM_WORDS; i++) bytes.write32(XMM_AT + 4 * i, word(cpu, XMM + 4 * i));
}

function restore(cpu: SlowCpu, decoded: Decoded): void {
  const bytes = area(cpu, decoded);
  const control = bytes.read16(0);
  const status = bytes.read16(2);
  const valid = bytes.read16(4) & 0xff;
  const fop = bytes.read16(6) & 0x7ff;
  const [ip, cs, dp, ds] = [8, 12, 16, 20].map((offset) => bytes.read32(offset)) as [number, number, number, number];
  const registers = Array.from({ length: 8 }, (_, i) => {
    const from = REGISTERS + REGISTER_BYTES * i;
    return [bytes.read32(from), bytes.read32(from + 4), bytes.read16(from + 8)] as const;
  });
  const sse = hasSse(cpu) ? Array.from({ length: XMM_WORDS }, (_, i) => bytes.read32(XMM_AT + 4 * i)) : undefined;
  if (sse) {
    const mxcsr = bytes.read32(MXCSR_AT);
    if (mxcsr & ~word(cpu, MXCSR_MASK)) cpu.raise(GP, 0);
    setWord(cpu, MXCSR, mxcsr);
    sse.forEach((value, i) => {
      setWord(cpu, XMM + 4 * i, value);
    });
  }
  setControlAndStatus(cpu, control, status);
  setWord(cpu, FPU_EMPTY, ~valid & 0xff);
  setWord(cpu, FPU_OPCODE, fop);
  setWord(cpu, FPU_IP, ip);
  setWord(cpu, FPU_CS, cs & 0xffff);
  setWord(cpu, FPU_DP, dp);
  setWord(cpu, FPU_DS, ds & 0xffff);
  registers.forEach(([low, high, signExponent], i) => {
    const at = FPU_REGISTERS + 16 * ((top(cpu) + i) & 7);
    setWord(cpu, at, low);
    setWord(cpu, at + 4, high);
    cpu.u16[(at + 8) >> 1] = signExponent;
  });
}

export const fxsave: readonly Instruction[] = [
  {
    mnemonic: 'FXSAVE',
    sdm: 'Vol. 2A, FXSAVE—Save x87 FPU, MMX Technology, and SSE State',
    encodings: [{ opcode: '0F AE /0', operands: 'm512byte' }],
    flags: {},
    slow: save,
  },
  {
    mnemonic: 'FXRSTOR',
    sdm: 'Vol. 2A, FXRSTOR—Restore x87 FPU, MMX, XMM, and MXCSR State',
    encodings: [{ opcode: '0F AE /1', operands: 'm512byte' }],
    flags: {},
    slow: restore,
  },
];
