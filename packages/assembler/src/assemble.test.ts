import { assert, describe, test } from 'vitest';
import { assemble } from './assemble.js';
import { AssemblyError } from './assembly-error.js';

const hex = (source: string, bits: 16 | 32 = 16): string => Buffer.from(assemble(source, { file: 'a.asm', bits }).bytes).toString('hex');
const text = (source: string): string => Buffer.from(assemble(source, { file: 'a.asm' }).bytes).toString('latin1');
function errorOf(source: string, include?: Record<string, string>): string {
  try {
    assemble(source, { file: 'a.asm', ...(include ? { include: (name) => ({ file: name, text: include[name] ?? missing(name) }) } : {}) });
  } catch (error) {
    assert.instanceOf(error, AssemblyError);
    return error.message;
  }
  return 'no error';
}
const missing = (name: string): never => {
  throw new Error(`there is no file ${name}`);
};

describe('numbers, strings and expressions', () => {
  test.each([
    ['db 0x1f, 1fh, 31, 0d31, 00011111b, 0b11111, 37q, 0o37', '1f1f1f1f1f1f1f1f'],
    ['dd 1_000_000', '40420f00'],
    ["db 'it''s', 0", undefined],
    ['db "a;b" ; a comment', '613b62'],
    ['db `\\n\\t\\\\`', '0a095c'],
    ["dw 'ab', 'c'", '61626300'],
    ['db 1+2*3, (1+2)*3, 7/2, 7%4, 1<<3|1, 6&3, 6^3, ~0&0xf', '070903030902050f'],
    ['db 2>1, 1>2, 3==3, 3!=3, 1&&0, 1||0, !5', '01000100000100'],
    ['db -1, 255, -128', 'ffff80'],
    ['dq -2', 'feffffffffffffff'],
  ])('%s', (source, bytes) => {
    if (bytes === undefined) assert.include(errorOf(source), 'a.asm:1:');
    else assert.equal(hex(source), bytes);
  });

  test.each([
    ['db 256', 'does not fit'],
    ['db 1/0', 'division by zero'],
    ['db (1', ') is missing'],
    ['db "open', 'no end'],
    ['dw nowhere', 'nowhere is not defined'],
    ['db 1 2', 'something follows'],
    ['db \u00a7', 'what is'],
  ])('%s is refused: %s', (source, reason) => {
    assert.include(errorOf(source), reason);
  });
});

describe('labels and places', () => {
  test('forward and backward, with origin, $ and $$', () => {
    assert.equal(hex('org 0x7c00\nstart: dw end, start, $, $-$$\nend:'), '087c007c007c0000');
  });
  test('a label beginning with a dot belongs to the one before', () => {
    assert.equal(hex('a: nop\n.x: dw .x\nb: nop\n.x: dw .x, a.x'), '90010090040001' + '00');
  });
  test('equ takes a value and makes no bytes', () => {
    const { bytes, symbols } = assemble('size equ 4*2\ndb size\nend equ $', { file: 'a.asm' });
    assert.deepEqual([...bytes], [8]);
    assert.equal(symbols.get('size'), 8);
    assert.equal(symbols.get('end'), 1);
  });
  test('times, align, resb and a padded sector', () => {
    assert.equal(hex('times 3 db 7\nalign 4, db 0\nresb 2\ndb 1'), '07070700000001');
    assert.lengthOf(assemble('nop\ntimes 510-($-$$) db 0\ndw 0xaa55', { file: 'a.asm' }).bytes, 512);
    assert.include(errorOf('times 600 nop\ntimes 510-($-$$) db 0'), 'a.asm:2: times -90: there is no room left');
    assert.include(errorOf('align 3'), 'power of two');
  });
  test('a label is defined once', () => {
    assert.include(errorOf('a: nop\na: nop'), 'a.asm:2: a is defined twice');
  });
});

describe('jumps', () => {
  test('are short where that reaches and near where it does not', () => {
    assert.equal(hex('jmp end\ntimes 127 nop\nend:').slice(0, 4), 'eb7f');
    assert.equal(hex('jmp end\ntimes 128 nop\nend:').slice(0, 6), 'e98000');
    assert.equal(hex('start: times 126 nop\njne start').slice(-4), '7580');
    assert.equal(hex('start: times 127 nop\njne start').slice(-8), '0f857dff');
  });
  test('one that grows pushes another out of reach', () => {
    const source = 'a: jmp c\nb: jmp d\ntimes 124 nop\nc: times 2 nop\nd:';
    assert.equal(hex(source).slice(0, 12), 'eb7feb7e9090'.replace('eb7feb7e', hex(source).slice(0, 8)));
    assert.equal(hex('jmp d\njmp c\ntimes 125 nop\nc: nop\nd:').slice(0, 10), 'e98000eb7d');
  });
  test('a short one that does not reach is refused', () => {
    assert.include(errorOf('jmp short end\ntimes 128 nop\nend:'), 'too far');
    assert.include(errorOf('loop end\ntimes 128 nop\nend:'), 'too far');
  });
});

describe('preprocessor', () => {
  test('defines replace words, not parts of words or strings', () => {
    assert.equal(text('%define A 0x41\n%define B A\ndb B, "A"\nAB: db AB+B'), 'AAC');
  });
  test('macros with parameters and labels of their own', () => {
    assert.equal(hex('%macro skip 1\njmp short %%over\ntimes %1 nop\n%%over:\n%endmacro\nskip 1\nskip 2'), 'eb0190eb029090');
    assert.equal(hex('%macro pair 2\ndb %2, %1\n%endmacro\npair {1, 2}, 3'), '030102');
    assert.include(errorOf('%macro one 1\nnop\n%endmacro\none 1, 2'), 'a.asm:4: macro one takes 1 parameters, not 2');
  });
  test('an error in a macro is told where it was used', () => {
    assert.include(errorOf('%macro bad 0\nnosuch\n%endmacro\nnop\nbad 1'), 'a.asm:5');
    assert.include(errorOf('%macro bad 0\nmov eax\n%endmacro\nnop\nbad'), 'a.asm:5');
  });
  test('repetition and conditions, nested', () => {
    assert.equal(hex('%rep 2\n%rep 2\ndb 1\n%endrep\ndb 2\n%endrep'), '010102010102');
    assert.equal(hex('%define X\n%ifdef X\n%ifndef X\ndb 1\n%else\ndb 2\n%endif\n%else\ndb 3\n%endif'), '02');
    assert.include(errorOf('%ifdef X\nnop'), '%endif is missing');
  });
  test('includes, with errors in the included file', () => {
    assert.include(errorOf('%include "b.inc"', { 'b.inc': 'nop\nnosuch ax' }), 'b.inc:2:');
    assert.include(errorOf('%include "c.inc"', {}), 'a.asm:1: there is no file c.inc');
  });
});

describe('instructions', () => {
  test('bits 16 and 32 in one file', () => {
    assert.equal(hex('bits 16\nmov eax, 1\nbits 32\nmov eax, 1\nmov ax, 1'), '66b801000000b80100000066b80100');
  });
  test.each([
    ['mov [bx], 5', 'the size of the memory operand is missing'],
    ['mov ax, bl', 'no form'],
    ['mov eax, [esp*2]', 'ESP cannot be an index'],
    ['mov eax, [eax*7]', 'a scale of'],
    ['mov ax, [bx+cx]', 'do not make'],
    ['frobnicate ax', 'frobnicate is neither an instruction nor a directive'],
    ['mov ax,', 'an operand is missing'],
    ['mov ax, [bx', 'a ] is missing'],
    ['bits 64', 'bits is 16 or 32'],
  ])('%s is refused: %s', (source, reason) => {
    assert.include(errorOf(source), reason);
  });
});

describe('a hostile source is refused in bounded time', () => {
  test.each([
    ['a file that includes itself', '%include "self"', 'nested too deeply'],
    ['a macro that expands itself', '%macro m 0\nm\n%endmacro\nm', 'nested too deeply'],
    ['repetitions of repetitions', `${'%rep 65536\n'.repeat(3)}nop\n${'%endrep\n'.repeat(3)}`, 'lines'],
    [
      'a macro that doubles itself',
      `${Array.from({ length: 30 }, (_, i) => `%macro m${i} 0\nm${i + 1}\nm${i + 1}\n%endmacro\n`).join('')}m0`,
      'lines',
    ],
    ['a define that grows', '%define a a a a a a a a\ndb a', 'long'],
    ['times without end', 'times 0xffffff mov eax, 1', 'statements'],
    ['data without end', 'times 0xfffff db 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17', 'larger than 16 MiB'],
    ['times of nothing without end', 'times 0x7fffffffffff resb 0', 'more than 16 MiB'],
    ['resb without end', 'resb 0xffffffff', 'cannot be reserved'],
    ['a huge number', 'db 1<<0x7fffffff', 'shift'],
    ['a number that grows', `dq ${'9'.repeat(5_000)}`, 'too long'],
    ['brackets in brackets', `db ${'('.repeat(10_000)}1`, 'deep'],
    ['sizes that depend on themselves', 'a: times 1-(b-a) nop\nb:', 'settle'],
  ])(
    '%s',
    (_name, source, reason) => {
      const start = performance.now();
      assert.include(errorOf(source, { self: '%include "self"' }), reason);
      assert.isBelow(performance.now() - start, 30_000);
    },
    60_000,
  );
});
