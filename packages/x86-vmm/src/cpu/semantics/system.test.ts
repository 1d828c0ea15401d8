import { assert, beforeEach, describe, test } from 'vitest';
import { cpuid } from '../cpuid.js';
import { segmentAttributes, segmentLimit, selectorOf, setSegment } from '../mmu/segmentation.js';
import {
  CPL,
  CR,
  EIP,
  FPU_ATTENTION,
  GDTR_BASE,
  GDTR_LIMIT,
  HALTED,
  INTERRUPT_SHADOW,
  MODE_KEY,
  ModeKey,
  SegmentIndex,
  TSC_OFFSET,
} from '../state.js';
import { flatMachine, Place, Selector } from '../support/flat-machine.js';

/* SDM Vol. 2, by instruction. */

const machine = flatMachine();
const { cpu, peek, poke } = machine;
const { u32 } = cpu;
const [EAX, ECX, EDX, EBX, ESP] = [0, 1, 2, 3, 4] as const;
const get = (index: number) => cpu.getRegister(index, 32);
const set = (index: number, value: number) => cpu.setRegister(index, 32, value);
const run = (...bytes: number[]) => {
  u32[EIP >> 2] = Place.code;
  machine.execute(...bytes);
};
const result = (length: number) => {
  if (u32[EIP >> 2] === Place.code + length) return 'ok';
  const { vector, errorCode } = machine.delivered();
  return `${vector}(${errorCode})`;
};

describe('reset (SDM Vol. 3A table 9-1)', () => {
  test('registers', () => {
    machine.clear();
    assert.equal(u32[EIP >> 2], 0xfff0);
    assert.equal(u32[(0x200 + 0x28) >> 2], 0xffff_0000);
    assert.equal(selectorOf(cpu, SegmentIndex.CS), 0xf000);
    assert.equal(get(EDX), 0x6f6);
    assert.equal(u32[CR >> 2], 0x6000_0010);
    assert.equal(cpu.getEflags(), 2);
  });
});

describe('ring 0 only: #GP(0) in ring 3', () => {
  const rows: [string, number[]][] = [
    ['MOV EAX, CR0', [0x0f, 0x20, 0xc0]],
    ['MOV CR3, EAX', [0x0f, 0x22, 0xd8]],
    ['MOV EAX, DR7', [0x0f, 0x21, 0xf8]],
    ['LGDT', [0x0f, 0x01, 0x15, 0, 0, 0, 0]],
    ['LIDT', [0x0f, 0x01, 0x1d, 0, 0, 0, 0]],
    ['LLDT', [0x0f, 0x00, 0xd0]],
    ['LTR', [0x0f, 0x00, 0xd8]],
    ['LMSW', [0x0f, 0x01, 0xf0]],
    ['CLTS', [0x0f, 0x06]],
    ['INVD', [0x0f, 0x08]],
    ['WBINVD', [0x0f, 0x09]],
    ['INVLPG', [0x0f, 0x01, 0x38]],
    ['HLT', [0xf4]],
    ['RDMSR', [0x0f, 0x32]],
    ['WRMSR', [0x0f, 0x30]],
    ['SYSEXIT', [0x0f, 0x35]],
    ['RDPMC', [0x0f, 0x33]],
    ['CLI', [0xfa]],
    ['STI', [0xfb]],
  ];
  for (const [name, bytes] of rows)
    test(name, () => {
      machine.protectedMode(3);
      set(ECX, 0x10);
      run(...bytes);
      assert.equal(result(bytes.length), '13(0)');
    });
  for (const [name, bytes] of [
    ['SMSW', [0x0f, 0x01, 0xe0]],
    ['SGDT', [0x0f, 0x01, 0x05, 0, 0x70, 0, 0]],
    ['STR', [0x0f, 0x00, 0xc8]],
    ['CPUID', [0x0f, 0xa2]],
    ['RDTSC', [0x0f, 0x31]],
  ] as const)
    test(`${name} is for everyone`, () => {
      machine.protectedMode(3);
      run(...bytes);
      assert.equal(result(bytes.length), 'ok');
    });
});

describe('control registers', () => {
  beforeEach(() => machine.protectedMode(0));
  const rows: [string, number, number, string][] = [
    ['CR0: PG without PE', 0, 0x8000_0010, '13(0)'],
    ['CR0: NW without CD', 0, 0x2000_0011, '13(0)'],
    ['CR0: CD and NW', 0, 0x6000_0011, 'ok'],
    ['CR4: an extension that CPUID does not offer', 4, 0x20, '13(0)'],
    ['CR4: machine check is not offered', 4, 0x40, '13(0)'],
    ['CR4: virtual-8086 mode extensions are not offered', 4, 0x1, '13(0)'],
    ['CR4: TSD, DE, PSE, PGE, OSFXSR, OSXMMEXCPT', 4, 0x69c, 'ok'],
    ['CR1', 1, 0, '6(-1)'],
    ['CR5', 5, 0, '6(-1)'],
  ];
  for (const [name, number, value, expected] of rows)
    test(name, () => {
      set(EAX, value);
      run(0x0f, 0x22, 0xc0 | (number << 3));
      assert.equal(result(3), expected);
    });
  test('ET reads as 1, undefined bits of CR0 as 0', () => {
    set(EAX, 0x0ff0_ffc1);
    run(0x0f, 0x22, 0xc0);
    run(0x0f, 0x20, 0xc3);
    assert.equal(get(EBX), 0x11);
  });
  test('TS and EM ask for the attention of floating-point instructions; CLTS ends it', () => {
    set(EAX, 0x19);
    run(0x0f, 0x22, 0xc0);
    assert.equal(u32[FPU_ATTENTION >> 2], 1);
    run(0x0f, 0x06);
    assert.equal(u32[FPU_ATTENTION >> 2], 0);
  });
  test('LMSW sets PE and cannot clear it', () => {
    set(EAX, 0xe);
    run(0x0f, 0x01, 0xf0);
    assert.equal(u32[CR >> 2]! & 0xf, 0xf);
    machine.clear();
    set(EAX, 1);
    u32[EIP >> 2] = 0;
    machine.execute(0x0f, 0x01, 0xf0);
    assert.equal(u32[MODE_KEY >> 2]! & ModeKey.protectedMode, ModeKey.protectedMode);
  });
  test('SMSW stores 16 bits to memory and the operand size to a register', () => {
    poke(0x7000, 0xffff_ffff);
    run(0x0f, 0x01, 0x25, 0, 0x70, 0, 0);
    assert.equal(peek(0x7000), 0xffff_0031);
    set(EAX, 0xffff_ffff);
    run(0x66, 0x0f, 0x01, 0xe0);
    assert.equal(get(EAX), 0xffff_0031);
  });
});

describe('descriptor-table registers', () => {
  beforeEach(() => machine.protectedMode(0));
  test('LGDT with operand size 16 takes 24 bits of base', () => {
    poke(0x7000, 0x5678_ffff, 0xab12);
    run(0x66, 0x0f, 0x01, 0x15, 0, 0x70, 0, 0);
    assert.equal(u32[GDTR_LIMIT >> 2], 0xffff);
    assert.equal(u32[GDTR_BASE >> 2], 0x12_5678);
  });
  test('SGDT stores limit and base', () => {
    run(0x0f, 0x01, 0x05, 0, 0x70, 0, 0);
    assert.equal(peek(0x7000), (Place.gdt << 16) | 0xff);
    assert.equal(peek(0x7004), 0);
  });
});

describe('LTR, LLDT, STR, SLDT', () => {
  const rows: [string, number[], number, string][] = [
    ['LTR null', [0x0f, 0, 0xd8], 0, '13(0)'],
    ['LTR busy', [0x0f, 0, 0xd8], Selector.tss, '13(40)'],
    ['LTR in the LDT', [0x0f, 0, 0xd8], Selector.otherTss | 4, '13(108)'],
    ['LTR', [0x0f, 0, 0xd8], Selector.otherTss, 'ok'],
    ['LLDT of a segment', [0x0f, 0, 0xd0], Selector.data0, '13(16)'],
    ['LLDT null', [0x0f, 0, 0xd0], 0, 'ok'],
    ['LLDT', [0x0f, 0, 0xd0], Selector.ldt, 'ok'],
  ];
  for (const [name, bytes, selector, expected] of rows)
    test(name, () => {
      machine.protectedMode(0);
      set(EAX, selector);
      run(...bytes);
      assert.equal(result(3), expected);
    });
  test('LTR marks the TSS busy; STR to a 32-bit register zero-extends', () => {
    machine.protectedMode(0);
    set(EAX, Selector.otherTss);
    run(0x0f, 0, 0xd8);
    assert.equal((peek(Place.gdt + 0x6c) >>> 8) & 0xff, 0xeb);
    set(ECX, 0xffff_ffff);
    run(0x0f, 0, 0xc9);
    assert.equal(get(ECX), Selector.otherTss);
  });
  test('in real mode they are undefined', () => {
    machine.clear();
    poke(6 * 4, 0x1111);
    set(ESP, 0x1000);
    machine.execute(0x0f, 0, 0xd8);
    assert.equal(u32[EIP >> 2], 0x1111);
  });
});

describe('LAR, LSL, VERR, VERW, ARPL', () => {
  const ZF = 0x40;
  // selector, CPL; LAR, LSL (undefined: ZF clear), VERR, VERW
  const rows: [string, number, 0 | 3, number | undefined, number | undefined, boolean, boolean][] = [
    ['data of ring 3', Selector.data3, 3, 0xcf_f300, 0xffff_ffff, true, true],
    ['data of ring 0 from ring 3', Selector.data0, 3, undefined, undefined, false, false],
    ['read-only data', Selector.readOnly | 3, 3, 0x40_f000, 0xffff, true, false],
    ['execute-only code', Selector.executeOnly | 3, 3, 0x40_f800, 0xffff, false, false],
    ['conforming code', Selector.conforming | 3, 3, 0xcf_9e00, 0xffff_ffff, true, false],
    ['TSS', Selector.otherTss, 3, 0xe900, 0x67, false, false],
    ['call gate', Selector.callGate, 3, 0xec00, undefined, false, false],
    ['null', 0, 0, undefined, undefined, false, false],
    ['beyond the table', Selector.beyond, 0, undefined, undefined, false, false],
  ];
  for (const [name, selector, cpl, lar, lsl, verr, verw] of rows)
    test(name, () => {
      machine.protectedMode(cpl);
      set(EAX, selector);
      const ask = (...bytes: number[]) => {
        set(ECX, 0x5555_5555);
        run(...bytes);
        return (cpu.getEflags() & ZF) !== 0;
      };
      assert.equal(ask(0x0f, 0x02, 0xc8), lar !== undefined);
      assert.equal(get(ECX), lar ?? 0x5555_5555);
      assert.equal(ask(0x0f, 0x03, 0xc8), lsl !== undefined);
      assert.equal(get(ECX), lsl ?? 0x5555_5555);
      assert.equal(ask(0x0f, 0x00, 0xe0), verr);
      assert.equal(ask(0x0f, 0x00, 0xe8), verw);
    });
  test('ARPL raises the RPL of its destination', () => {
    machine.protectedMode(3);
    set(EAX, 0x10);
    set(ECX, 3);
    run(0x63, 0xc8);
    assert.equal(get(EAX), 0x13);
    assert.equal(cpu.getEflags() & ZF, ZF);
    run(0x63, 0xc8);
    assert.equal(cpu.getEflags() & ZF, 0);
  });
});

describe('CPUID', () => {
  test('exactly the features of this processor', () => {
    // FPU DE PSE TSC MSR CX8 SEP PGE CMOV MMX FXSR, CLFSH SSE SSE2; SSE3 SSSE3
    machine.protectedMode(3);
    set(EAX, 1);
    run(0x0f, 0xa2);
    assert.deepEqual([get(EAX), get(EBX), get(ECX), get(EDX)], [0x6f6, 0x800, 0x201, 0x0788_a93d]);
  });
  test('an older model has fewer', () => {
    assert.deepEqual(cpuid(1, 'pentium2'), [0x652, 0, 0, 0x0180_a93d]);
    assert.deepEqual(cpuid(1, 'pentium3'), [0x686, 0, 0, 0x0380_a93d]);
    assert.deepEqual(cpuid(1, 'pentium4'), [0xf29, 0x800, 0, 0x0788_a93d]);
  });
  test('vendor and brand', () => {
    const text = (...words: number[]) =>
      String.fromCharCode(...words.flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24])).replace(
        /\0.*$/,
        '',
      );
    const [, ebx, ecx, edx] = cpuid(0, 'core2');
    assert.equal(text(ebx, edx, ecx), 'GenuineIntel');
    assert.equal(text(...[2, 3, 4].flatMap((leaf) => cpuid(0x8000_0000 + leaf, 'core2'))), 'Millwright virtual x86 processor');
  });
  test('a leaf that does not exist gives the highest basic one', () => assert.deepEqual(cpuid(0x1234, 'core2'), cpuid(2, 'core2')));
});

describe('MSRs and the time stamp counter', () => {
  beforeEach(() => machine.protectedMode(0));
  test('RDTSC and RDMSR 10h give EDX:EAX; WRMSR moves the counter', () => {
    run(0x0f, 0x31);
    assert.deepEqual([get(EDX), get(EAX)], [1, 2]);
    set(ECX, 0x10);
    set(EAX, 7);
    set(EDX, 9);
    run(0x0f, 0x30);
    run(0x0f, 0x31);
    assert.deepEqual([get(EDX), get(EAX)], [9, 7]);
    u32[TSC_OFFSET >> 2] = 0;
  });
  test('an MSR that does not exist is #GP(0)', () => {
    set(ECX, 0x1b);
    run(0x0f, 0x32);
    assert.equal(result(2), '13(0)');
    run(0x0f, 0x30);
    assert.equal(result(2), '13(0)');
  });
  test('CR4.TSD makes RDTSC privileged', () => {
    machine.protectedMode(3);
    u32[(CR + 32) >> 2] = 4;
    run(0x0f, 0x31);
    assert.equal(result(2), '13(0)');
  });
});

describe('SYSENTER and SYSEXIT', () => {
  const msr = (number: number, value: number) => {
    set(ECX, number);
    set(EAX, value);
    set(EDX, 0);
    run(0x0f, 0x30);
  };
  test('there and back', () => {
    machine.protectedMode(0);
    msr(0x174, Selector.code0);
    msr(0x175, 0x8800);
    msr(0x176, 0x6600);
    const kept = [0x174, 0x175, 0x176].map((number) => u32[(0x360 + (number - 0x174) * 8) >> 2]!);
    machine.protectedMode(3);
    for (const [i, value] of kept.entries()) u32[(0x360 + i * 8) >> 2] = value;
    cpu.setEflags(0x202);
    run(0x0f, 0x34);
    assert.deepEqual([u32[EIP >> 2], get(ESP), u32[CPL >> 2], cpu.getEflags()], [0x6600, 0x8800, 0, 2]);
    assert.deepEqual([selectorOf(cpu, 1), selectorOf(cpu, 2)], [0x08, 0x10]);
    set(EDX, 0x7700);
    set(ECX, 0x9900);
    run(0x0f, 0x35);
    assert.deepEqual([u32[EIP >> 2], get(ESP), u32[CPL >> 2]], [0x7700, 0x9900, 3]);
    assert.deepEqual([selectorOf(cpu, 1), selectorOf(cpu, 2)], [0x1b, 0x23]);
    assert.equal(segmentAttributes(cpu, 1), 0xc0fb);
    assert.equal(segmentLimit(cpu, 2), 0xffff_ffff);
  });
  test('with a null SYSENTER_CS, or in real mode, #GP(0)', () => {
    machine.protectedMode(3);
    run(0x0f, 0x34);
    assert.equal(result(2), '13(0)');
  });
});

describe('interrupt flag and EFLAGS on the stack', () => {
  test('STI shadows interrupts for one instruction only when IF was clear', () => {
    machine.protectedMode(0);
    run(0xfb);
    assert.equal(u32[INTERRUPT_SHADOW >> 2], 1);
    u32[INTERRUPT_SHADOW >> 2] = 0;
    run(0xfb);
    assert.equal(u32[INTERRUPT_SHADOW >> 2], 0);
    run(0xfa);
    assert.equal(cpu.getEflags(), 2);
  });
  test('ring 3 with IOPL 3 may CLI; POPF there changes IF and not IOPL', () => {
    machine.protectedMode(3);
    cpu.setEflags(0x3202);
    run(0xfa);
    assert.equal(cpu.getEflags(), 0x3002);
    set(ESP, Place.stack3 - 4);
    poke(Place.stack3 - 4, 0x0202);
    run(0x9d);
    assert.equal(cpu.getEflags(), 0x3202);
    assert.equal(get(ESP), Place.stack3);
  });
  test('PUSHF hides VM and RF', () => {
    machine.protectedMode(0);
    cpu.setEflags(0x24_0ed7);
    run(0x9c);
    assert.equal(peek(get(ESP)), 0x24_0ed7);
  });
  test('HLT halts', () => {
    machine.protectedMode(0);
    run(0xf4);
    assert.equal(u32[HALTED >> 2], 1);
    assert.equal(u32[EIP >> 2], Place.code + 1);
  });
  test('INTO only with OF', () => {
    machine.protectedMode(0);
    run(0xce);
    assert.equal(result(1), 'ok');
    cpu.setEflags(0x802);
    run(0xce);
    assert.equal(machine.delivered().vector, 4);
  });
});

test('LES loads selector and offset; a fault leaves both registers', () => {
  machine.protectedMode(3);
  poke(0x7000, 0x1234_5678, Selector.data3, 0x9999, Selector.data0);
  run(0xc4, 0x1d, 0, 0x70, 0, 0);
  assert.deepEqual([get(EBX), selectorOf(cpu, 0)], [0x1234_5678, Selector.data3]);
  run(0xc4, 0x1d, 8, 0x70, 0, 0);
  assert.equal(result(6), '13(16)');
  assert.equal(get(EBX), 0x1234_5678);
});

test('POP of a bad selector leaves ESP', () => {
  machine.protectedMode(0);
  setSegment(cpu, SegmentIndex.FS, 0, 0, 0, 0x1_0000);
  set(ESP, Place.stack0 - 4);
  poke(Place.stack0 - 4, Selector.beyond);
  run(0x0f, 0xa1);
  assert.equal(machine.delivered().vector, 13);
  assert.equal(get(ESP), Place.stack0 - 4 - 16);
  machine.protectedMode(0);
  set(ESP, Place.stack0 - 4);
  poke(Place.stack0 - 4, Selector.data3);
  run(0x0f, 0xa1);
  assert.equal(selectorOf(cpu, SegmentIndex.FS), Selector.data3);
  assert.equal(get(ESP), Place.stack0);
});
