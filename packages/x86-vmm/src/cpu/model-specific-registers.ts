import { type CpuModel, hasExtension } from './model.js';
import type { SlowCpu } from './semantics/slow-cpu.js';
import { MSR_SYSENTER_CS, MSR_SYSENTER_EIP, MSR_SYSENTER_ESP, TSC_OFFSET } from './state.js';

/* The model-specific registers that exist (SDM Vol. 4, P6 family); any other number is #GP(0). */

interface ModelSpecificRegister {
  read(cpu: SlowCpu): bigint;
  write(cpu: SlowCpu, value: bigint): void;
}

function stored(offset: number, mask: bigint): ModelSpecificRegister {
  return {
    read: ({ u32 }) => (BigInt(u32[(offset >> 2) + 1]!) << 32n) | BigInt(u32[offset >> 2]!),
    write: ({ u32 }, value) => {
      u32[offset >> 2] = Number(value & mask & 0xffff_ffffn);
      u32[(offset >> 2) + 1] = Number((value & mask) >> 32n);
    },
  };
}

/** Reads as a constant; writes are taken and forgotten. */
function constant(value: bigint): ModelSpecificRegister {
  return { read: () => value, write: () => {} };
}

const REGISTERS: ReadonlyMap<number, ModelSpecificRegister> = new Map([
  // IA32_TIME_STAMP_COUNTER
  [
    0x10,
    {
      read: (cpu: SlowCpu) => cpu.readTimeStampCounter(),
      write: (cpu: SlowCpu, value: bigint) => {
        const offset = stored(TSC_OFFSET, 0xffff_ffff_ffff_ffffn);
        offset.write(cpu, BigInt.asUintN(64, offset.read(cpu) + value - cpu.readTimeStampCounter()));
      },
    },
  ],
  // IA32_PLATFORM_ID and IA32_BIOS_SIGN_ID: guests read the microcode revision of any P6; ours is 0, "none loaded".
  [0x17, constant(0n)],
  [0x8b, constant(0n)],
  // IA32_SYSENTER_CS, _ESP, _EIP
  [0x174, stored(MSR_SYSENTER_CS, 0xffff_ffffn)],
  [0x175, stored(MSR_SYSENTER_ESP, 0xffff_ffffn)],
  [0x176, stored(MSR_SYSENTER_EIP, 0xffff_ffffn)],
]);

/** IA32_MISC_ENABLE, from the Pentium 4 and Pentium M on: fast strings on, everything else off. */
const MISC_ENABLE = 0x1a0;
const FAST_STRINGS = constant(1n);

export function modelSpecificRegister(number: number, model: CpuModel): ModelSpecificRegister | undefined {
  if (number === MISC_ENABLE && hasExtension(model, 'SSE2')) return FAST_STRINGS;
  return REGISTERS.get(number);
}
