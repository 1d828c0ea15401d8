import { CR0, CR4, DR6, DR7, EFLAGS, Rights, Vector } from '../architecture.js';
import { cpuid } from '../cpuid.js';
import { debugRegisterNumber, loadMachineStatusWord, writeCr0, writeCr3, writeCr4, writeDebugRegister } from '../mmu/control-registers.js';
import { cplOf, setSegment } from '../mmu/segmentation.js';
import { modelSpecificRegister } from '../model-specific-registers.js';
import {
  CPL,
  CR,
  DR,
  EIP,
  GDTR_BASE,
  GDTR_LIMIT,
  IDTR_BASE,
  IDTR_LIMIT,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  SegmentIndex,
} from '../state.js';
import type { Decoded, Instruction, Operand } from './instruction.js';
import type { SlowCpu } from './slow-cpu.js';

/* System registers, descriptor-table registers, MSRs, CPUID, SYSENTER and cache control (SDM Vol. 2). */

const [EAX, ECX, EDX, EBX, ESP] = [0, 1, 2, 3, 4] as const;

function requireRing0(cpu: SlowCpu): void {
  if (cplOf(cpu) !== 0) cpu.raise(Vector.GP, 0);
}

function registerIndex(operand: Operand): number {
  return operand.kind === 'register' || operand.kind === 'control' || operand.kind === 'debug' ? operand.index : 0;
}

/** A control and a general register as the shortcuts are told of them (assembly/system.ts). */
function registers(control: Operand, general: Operand): number {
  return registerIndex(control) | (registerIndex(general) << 8);
}

function moveFromControl(cpu: SlowCpu, decoded: Decoded): void {
  const number = registerIndex(decoded.operands[1]!);
  if (number === 1 || number > 4) cpu.raise(Vector.UD);
  requireRing0(cpu);
  cpu.setRegister(registerIndex(decoded.operands[0]!), 32, cpu.u32[(CR + number * 8) >> 2]!);
}

function moveToControl(cpu: SlowCpu, decoded: Decoded): void {
  const number = registerIndex(decoded.operands[0]!);
  if (number === 1 || number > 4) cpu.raise(Vector.UD);
  requireRing0(cpu);
  const value = cpu.getRegister(registerIndex(decoded.operands[1]!), 32);
  if (number === 0) writeCr0(cpu, value);
  else if (number === 2) cpu.u32[(CR + 2 * 8) >> 2] = value;
  else if (number === 3) writeCr3(cpu, value);
  else writeCr4(cpu, value);
}

/** Privilege, DR4/DR5 and general detect, in that order of checks; returns the register's number. */
function requireDebugRegister(cpu: SlowCpu, operand: Operand): number {
  const number = debugRegisterNumber(cpu, registerIndex(operand));
  requireRing0(cpu);
  if (cpu.u32[(DR + 7 * 8) >> 2]! & DR7.GD) {
    cpu.u32[(DR + 6 * 8) >> 2]! |= DR6.BD;
    cpu.raise(Vector.DB);
  }
  return number;
}

function moveFromDebug(cpu: SlowCpu, decoded: Decoded): void {
  const number = requireDebugRegister(cpu, decoded.operands[1]!);
  cpu.setRegister(registerIndex(decoded.operands[0]!), 32, cpu.u32[(DR + number * 8) >> 2]!);
}

function moveToDebug(cpu: SlowCpu, decoded: Decoded): void {
  const number = requireDebugRegister(cpu, decoded.operands[0]!);
  writeDebugRegister(cpu, number, cpu.getRegister(registerIndex(decoded.operands[1]!), 32));
}

/** LGDT and LIDT: limit, then a base of 24 bits with operand size 16. */
function loadsTable(base: number, limit: number) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    requireRing0(cpu);
    const { address, next, segment } = tableOperand(cpu, decoded);
    const newLimit = cpu.readSegment(segment, address, 16);
    const newBase = cpu.readSegment(segment, next, 32);
    cpu.u32[limit >> 2] = newLimit;
    cpu.u32[base >> 2] = decoded.operandSize === 16 ? newBase & 0xff_ffff : newBase;
  };
}

/** SGDT and SIDT store all 32 bits of the base whatever the operand size. */
function storesTable(base: number, limit: number) {
  return (cpu: SlowCpu, decoded: Decoded): void => {
    const { address, next, segment } = tableOperand(cpu, decoded);
    cpu.checkSegment(segment, next, 4, true);
    cpu.writeSegment(segment, address, 16, cpu.u32[limit >> 2]!);
    cpu.writeSegment(segment, next, 32, cpu.u32[base >> 2]!);
  };
}

function tableOperand(cpu: SlowCpu, decoded: Decoded): { readonly segment: number; readonly address: number; readonly next: number } {
  const memory = decoded.operands[0] as Operand & { kind: 'memory' };
  const address = cpu.effectiveAddress(decoded, memory);
  return { segment: memory.segment, address, next: ((address + 2) & (decoded.addressSize === 16 ? 0xffff : 0xffff_ffff)) >>> 0 };
}

function sysenter(cpu: SlowCpu): void {
  const selector = cpu.u32[MSR_SYSENTER_CS >> 2]! & 0xfffc;
  if (!(cpu.u32[CR >> 2]! & CR0.PE) || selector === 0) cpu.raise(Vector.GP, 0);
  cpu.setEflags(cpu.getEflags() & ~(EFLAGS.VM | EFLAGS.IF | EFLAGS.RF));
  cpu.u32[CPL >> 2] = 0;
  setSegment(cpu, SegmentIndex.CS, selector, 0, 0xffff_ffff, FLAT_CODE);
  setSegment(cpu, SegmentIndex.SS, selector + 8, 0, 0xffff_ffff, FLAT_DATA);
  cpu.setRegister(ESP, 32, cpu.u32[MSR_SYSENTER_ESP >> 2]!);
  cpu.u32[EIP >> 2] = cpu.u32[MSR_SYSENTER_EIP >> 2]!;
  cpu.modeChanged();
}

function sysexit(cpu: SlowCpu): void {
  const selector = cpu.u32[MSR_SYSENTER_CS >> 2]! & 0xfffc;
  if (!(cpu.u32[CR >> 2]! & CR0.PE) || selector === 0) cpu.raise(Vector.GP, 0);
  requireRing0(cpu);
  cpu.u32[CPL >> 2] = 3;
  setSegment(cpu, SegmentIndex.CS, (selector + 16) | 3, 0, 0xffff_ffff, FLAT_CODE | Rights.DPL);
  setSegment(cpu, SegmentIndex.SS, (selector + 24) | 3, 0, 0xffff_ffff, FLAT_DATA | Rights.DPL);
  const eip = cpu.getRegister(EDX, 32);
  cpu.setRegister(ESP, 32, cpu.getRegister(ECX, 32));
  cpu.u32[EIP >> 2] = eip;
  cpu.modeChanged();
}
const FLAT_CODE = Rights.PRESENT | Rights.SEGMENT | Rights.CODE | Rights.READABLE | Rights.ACCESSED | Rights.BIG | Rights.GRANULARITY;
const FLAT_DATA = Rights.PRESENT | Rights.SEGMENT | Rights.WRITABLE | Rights.ACCESSED | Rights.BIG | Rights.GRANULARITY;

function setEdxEax(cpu: SlowCpu, value: bigint): void {
  cpu.setRegister(EAX, 32, Number(value & 0xffff_ffffn));
  cpu.setRegister(EDX, 32, Number((value >> 32n) & 0xffff_ffffn));
}

function readMsr(cpu: SlowCpu): void {
  requireRing0(cpu);
  const register = modelSpecificRegister(cpu.getRegister(ECX, 32), cpu.model);
  if (register === undefined) cpu.raise(Vector.GP, 0);
  setEdxEax(cpu, register.read(cpu));
}

function writeMsr(cpu: SlowCpu): void {
  requireRing0(cpu);
  const register = modelSpecificRegister(cpu.getRegister(ECX, 32), cpu.model);
  if (register === undefined) cpu.raise(Vector.GP, 0);
  register.write(cpu, (BigInt(cpu.getRegister(EDX, 32)) << 32n) | BigInt(cpu.getRegister(EAX, 32)));
}

const NO_OPERANDS = { flags: {} } as const;

export const systemInstructions: readonly Instruction[] = [
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move to/from Control Registers',
    encodings: [{ opcode: '0F 20 /r', operands: 'r32, CR0-CR7' }],
    flags: { undefined: 'OSZAPC' },
    slow: moveFromControl,
    shortcut: { kernel: 'readControlShortcut', argument: ({ operands: [general, control] }) => registers(control!, general!) },
  },
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move to/from Control Registers',
    encodings: [{ opcode: '0F 22 /r', operands: 'CR0-CR7, r32' }],
    flags: { undefined: 'OSZAPC' },
    endsBlock: true,
    slow: moveToControl,
    shortcut: { kernel: 'writeControlShortcut', argument: ({ operands: [control, general] }) => registers(control!, general!) },
  },
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move to/from Debug Registers',
    encodings: [{ opcode: '0F 21 /r', operands: 'r32, DR0-DR7' }],
    flags: { undefined: 'OSZAPC' },
    slow: moveFromDebug,
  },
  {
    mnemonic: 'MOV',
    sdm: 'Vol. 2B, MOV—Move to/from Debug Registers',
    encodings: [{ opcode: '0F 23 /r', operands: 'DR0-DR7, r32' }],
    flags: { undefined: 'OSZAPC' },
    endsBlock: true,
    slow: moveToDebug,
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'SGDT',
    sdm: 'Vol. 2B, SGDT',
    encodings: [{ opcode: '0F 01 /0', operands: 'm16&32' }],
    slow: storesTable(GDTR_BASE, GDTR_LIMIT),
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'SIDT',
    sdm: 'Vol. 2B, SIDT',
    encodings: [{ opcode: '0F 01 /1', operands: 'm16&32' }],
    slow: storesTable(IDTR_BASE, IDTR_LIMIT),
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'LGDT',
    sdm: 'Vol. 2A, LGDT/LIDT',
    encodings: [{ opcode: '0F 01 /2', operands: 'm16&32' }],
    slow: loadsTable(GDTR_BASE, GDTR_LIMIT),
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'LIDT',
    sdm: 'Vol. 2A, LGDT/LIDT',
    encodings: [{ opcode: '0F 01 /3', operands: 'm16&32' }],
    slow: loadsTable(IDTR_BASE, IDTR_LIMIT),
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'SMSW',
    sdm: 'Vol. 2B, SMSW—Store Machine Status Word',
    encodings: [{ opcode: '0F 01 /4', operands: 'r16/32/64/m16' }],
    slow: (cpu, decoded) => {
      const operand = decoded.operands[0]!;
      if (operand.kind === 'register') cpu.setRegister(operand.index, decoded.operandSize, cpu.u32[CR >> 2]!);
      else cpu.writeOperand(decoded, operand, 16, cpu.u32[CR >> 2]! & 0xffff);
    },
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'LMSW',
    sdm: 'Vol. 2A, LMSW—Load Machine Status Word',
    encodings: [{ opcode: '0F 01 /6', operands: 'r/m16' }],
    endsBlock: true,
    slow: (cpu, decoded) => {
      requireRing0(cpu);
      loadMachineStatusWord(cpu, cpu.readOperand(decoded, decoded.operands[0]!, 16));
    },
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'INVLPG',
    sdm: 'Vol. 2A, INVLPG—Invalidate TLB Entries',
    encodings: [{ opcode: '0F 01 /7', operands: 'm' }],
    endsBlock: true,
    slow: (cpu, decoded) => {
      requireRing0(cpu);
      const memory = decoded.operands[0] as Operand & { kind: 'memory' };
      cpu.invalidatePage(cpu.linearAddress(memory.segment, cpu.effectiveAddress(decoded, memory)));
    },
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'CLTS',
    sdm: 'Vol. 2A, CLTS—Clear Task-Switched Flag in CR0',
    encodings: [{ opcode: '0F 06', operands: '' }],
    endsBlock: true,
    slow: (cpu) => {
      requireRing0(cpu);
      cpu.u32[CR >> 2]! &= ~CR0.TS;
      cpu.modeChanged();
    },
    shortcut: { kernel: 'cltsShortcut' },
  },
  // Caches are not modelled: INVD and WBINVD only check privilege.
  {
    ...NO_OPERANDS,
    mnemonic: 'INVD',
    sdm: 'Vol. 2A, INVD—Invalidate Internal Caches',
    encodings: [{ opcode: '0F 08', operands: '' }],
    slow: requireRing0,
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'WBINVD',
    sdm: 'Vol. 2D, WBINVD—Write Back and Invalidate Cache',
    encodings: [{ opcode: '0F 09', operands: '' }],
    slow: requireRing0,
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'RDTSC',
    sdm: 'Vol. 2B, RDTSC—Read Time-Stamp Counter',
    encodings: [{ opcode: '0F 31', operands: '' }],
    slow: (cpu) => {
      if (cpu.u32[(CR + 4 * 8) >> 2]! & CR4.TSD) requireRing0(cpu);
      setEdxEax(cpu, cpu.readTimeStampCounter());
    },
    shortcut: { kernel: 'rdtscShortcut' },
  },
  // There are no performance counters, so every counter number is out of range.
  {
    ...NO_OPERANDS,
    mnemonic: 'RDPMC',
    sdm: 'Vol. 2B, RDPMC—Read Performance-Monitoring Counters',
    encodings: [{ opcode: '0F 33', operands: '' }],
    slow: (cpu) => cpu.raise(Vector.GP, 0),
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'RDMSR',
    sdm: 'Vol. 2B, RDMSR—Read From Model Specific Register',
    encodings: [{ opcode: '0F 32', operands: '' }],
    slow: readMsr,
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'WRMSR',
    sdm: 'Vol. 2D, WRMSR—Write to Model Specific Register',
    encodings: [{ opcode: '0F 30', operands: '' }],
    endsBlock: true,
    slow: writeMsr,
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'CPUID',
    sdm: 'Vol. 2A, CPUID—CPU Identification',
    encodings: [{ opcode: '0F A2', operands: '' }],
    slow: (cpu) => {
      const [eax, ebx, ecx, edx] = cpuid(cpu.getRegister(EAX, 32), cpu.model);
      cpu.setRegister(EAX, 32, eax);
      cpu.setRegister(EBX, 32, ebx);
      cpu.setRegister(ECX, 32, ecx);
      cpu.setRegister(EDX, 32, edx);
    },
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'SYSENTER',
    sdm: 'Vol. 2B, SYSENTER—Fast System Call',
    encodings: [{ opcode: '0F 34', operands: '' }],
    endsBlock: true,
    slow: sysenter,
    shortcut: { kernel: 'sysenterShortcut' },
  },
  {
    ...NO_OPERANDS,
    mnemonic: 'SYSEXIT',
    sdm: 'Vol. 2B, SYSEXIT—Fast Return from Fast System Call',
    encodings: [{ opcode: '0F 35', operands: '' }],
    endsBlock: true,
    slow: sysexit,
    shortcut: { kernel: 'sysexitShortcut' },
  },
  // No system management mode: RSM is valid only inside it.
  {
    ...NO_OPERANDS,
    mnemonic: 'RSM',
    sdm: 'Vol. 2B, RSM—Resume from System Management Mode',
    encodings: [{ opcode: '0F AA', operands: '' }],
    endsBlock: true,
    slow: (cpu) => cpu.raise(Vector.UD),
  },
];
