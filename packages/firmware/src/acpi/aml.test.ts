import { assert, test } from 'vitest';
import { busRange, device, eisaId, integer, irq, name, packageOf, path, resources } from './aml.js';
import { buildAcpiArea } from './tables.js';

test('terms have the bytes of ACPI 1.0b chapter 16', () => {
  assert.deepEqual([...eisaId('PNP0A03')], [0x0c, 0x41, 0xd0, 0x0a, 0x03]);
  assert.deepEqual([...name('_UID', integer(1))], [0x08, 0x5f, 0x55, 0x49, 0x44, 0x01]);
  assert.deepEqual([...path('\\_S5')], [0x5c, 0x5f, 0x53, 0x35, 0x5f]);
  assert.deepEqual([...path('^ISA.PRQA')], [0x5e, 0x2e, 0x49, 0x53, 0x41, 0x5f, 0x50, 0x52, 0x51, 0x41]);
  assert.deepEqual([...packageOf(integer(0), integer(0x1234))], [0x12, 0x06, 2, 0x00, 0x0b, 0x34, 0x12]);
  assert.deepEqual([...resources(irq([1]))], [0x11, 0x08, 0x0a, 0x05, 0x22, 0x02, 0x00, 0x79, 0x00]);
});

test('a package length over 62 takes two bytes, low nibble first', () => {
  const long = device('LONG', name('X', resources(...Array.from({ length: 8 }, () => busRange(0, 255)))));
  const length = (long[2]! & 0x0f) | (long[3]! << 4);
  assert.equal(long[2]! >> 6, 1);
  assert.equal(length, long.length - 2);
});

test('every relocation points inside the area and at a table', () => {
  const area = buildAcpiArea();
  const view = new DataView(area.buffer);
  const fixups = view.getUint16(0, true);
  const sums = view.getUint16(2, true);
  const tablesAt = Math.ceil((12 + 4 * fixups + 8 * sums) / 16) * 16;
  assert.equal(area.length, tablesAt + view.getUint32(4, true));
  for (let i = 0; i < fixups; i++) {
    const target = view.getUint32(tablesAt + view.getUint32(12 + 4 * i, true), true);
    const mark = String.fromCharCode(...area.subarray(tablesAt + target, tablesAt + target + 4));
    assert.include(['FACP', 'FACS', 'DSDT'], mark);
  }
});
