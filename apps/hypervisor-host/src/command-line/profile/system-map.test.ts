import fc from 'fast-check';
import { assert, describe, test } from 'vitest';
import { SystemMap, SystemMapError } from './system-map.js';

const parse = (text: string) => SystemMap.parse(Buffer.from(text, 'latin1'));

describe('System.map', () => {
  const map = parse(
    'c1000000 T _stext\nc1000100 t helper\nc1000180 D data\nc1000200 W weak\n00000001 A absolute\nf8001000 t send\t[e1000]\n\n',
  );

  test('an address is in the function that begins at it or before it', () => {
    for (const [address, name] of [
      [0xc0ff_ffff, undefined],
      [0xc100_0000, '_stext'],
      [0xc100_00ff, '_stext'],
      [0xc100_01ff, 'helper'],
      [0xc100_0200, 'weak'],
      [0xf800_1fff, 'send [e1000]'],
      [0xffff_ffff, undefined],
    ] as const)
      assert.equal(map.at(address), name);
    assert.equal(map.size, 4);
  });

  test('a 64-bit form of 32-bit addresses and carriage returns are taken, order does not matter', () => {
    const wide = parse('00000000c1000100 t second\r\n00000000c1000000 T first\r\n');
    assert.deepEqual([wide.at(0xc100_0000), wide.at(0xc100_0100)], ['first', 'second']);
  });

  test('what is no symbol table is refused in words', () => {
    for (const [text, problem] of [
      ['', 'no functions are in it (types T, t, W, w)'],
      ['c1000000 D data\n', 'no functions are in it (types T, t, W, w)'],
      ['c1000000 T ok\nhello\n', 'line 2: give ADDRESS TYPE NAME, as nm and /proc/kallsyms do'],
      ['c1000000 T\n', 'line 1: give ADDRESS TYPE NAME, as nm and /proc/kallsyms do'],
      ['xyz T name\n', 'line 1: give ADDRESS TYPE NAME, as nm and /proc/kallsyms do'],
      ['ffffffff81000000 T _text\n', 'line 1: ffffffff81000000 is no address of a 32-bit kernel'],
      ['00000000 T a\n00000000 t b\n', 'all addresses are 0; read /proc/kallsyms as root with kernel.kptr_restrict = 0'],
      [`c1000000 T ${'x'.repeat(600)}\n`, 'line 1: a name of 600 characters; at most 512'],
      [
        'ffffffffffffffff B The real System.map is in the linux-image-6.1.0-1-686-dbg package\n',
        'line 1: only says that the real table is in linux-image-6.1.0-1-686-dbg package',
      ],
    ] as const)
      assert.throws(() => parse(text), SystemMapError, problem);
    assert.throws(() => SystemMap.parse(new Uint8Array((64 << 20) + 1)), SystemMapError, 'at most');
  });

  test('any bytes are a table or a SystemMapError', () => {
    const line = fc.tuple(fc.string({ maxLength: 20 }), fc.constantFrom('T', 't', 'D', '', '?'), fc.string({ maxLength: 20 }));
    const nearly = fc.array(line).map((lines) => Buffer.from(lines.map((fields) => fields.join(' ')).join('\n')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), nearly), fc.nat(0xffff_ffff), (bytes, address) => {
        try {
          SystemMap.parse(bytes).at(address);
        } catch (error) {
          if (!(error instanceof SystemMapError)) throw error;
        }
      }),
    );
  });

  test('it finds what a plain search finds', () => {
    const addresses = fc.uniqueArray(fc.integer({ min: 1, max: 0xffff_ffff }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(addresses, fc.nat(0xffff_ffff), (list, address) => {
        const table = parse(list.map((each) => `${each.toString(16)} t f${each}`).join('\n'));
        const before = list.filter((each) => each <= address).sort((a, b) => b - a)[0];
        const isLast = before === Math.max(...list);
        assert.equal(table.at(address), before === undefined || (isLast && address - before > 0x1_0000) ? undefined : `f${before}`);
      }),
    );
  });
});
