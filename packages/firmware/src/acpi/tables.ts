/*
 * The ACPI area that POST copies to the top of RAM (src/bios/tables.asm: install_acpi): FACS, RSDT,
 * FADT, DSDT with addresses relative to the area, plus the lists of dwords to relocate and tables
 * to sum. Source: ACPI 1.0b 5.2.
 */
import { dsdtTerms } from './dsdt.js';

const PM_BASE = 0x600;
const SCI_INTERRUPT = 9;
const CMOS_CENTURY = 0x32;
/** FADT flags: WBINVD works, C1 is there, no sleep button, RTC wake-up not in fixed registers. */
const FADT_FLAGS = 0x01 | 0x04 | 0x20 | 0x40;
const HEADER = 36;
const FADT_LENGTH = 116;
const FACS_LENGTH = 64;

function header(signature: string, length: number): Uint8Array {
  const table = new Uint8Array(length);
  const view = new DataView(table.buffer);
  const text = (value: string, at: number): void =>
    table.set(
      [...value].map((c) => c.charCodeAt(0)),
      at,
    );
  text(signature, 0);
  view.setUint32(4, length, true);
  table[8] = 1;
  text('MWRGHT', 10);
  text('MILLWRGT', 16);
  view.setUint32(24, 1, true);
  text('MWRT', 28);
  view.setUint32(32, 1, true);
  return table;
}

const align = (offset: number, to: number): number => Math.ceil(offset / to) * to;

/** The whole area with its lists, as it lies in the ROM. */
export function buildAcpiArea(): Uint8Array {
  const terms = dsdtTerms();
  const dsdt = header('DSDT', HEADER + terms.length);
  dsdt.set(terms, HEADER);
  const facs = new Uint8Array(FACS_LENGTH);
  facs.set([0x46, 0x41, 0x43, 0x53, FACS_LENGTH], 0);
  const fadt = header('FACP', FADT_LENGTH);
  const rsdt = header('RSDT', HEADER + 4);

  const facsAt = 0;
  const rsdtAt = FACS_LENGTH;
  const fadtAt = align(rsdtAt + rsdt.length, 16);
  const dsdtAt = align(fadtAt + fadt.length, 16);
  const length = align(dsdtAt + dsdt.length, 16);

  new DataView(rsdt.buffer).setUint32(HEADER, fadtAt, true);
  const f = new DataView(fadt.buffer);
  f.setUint32(36, facsAt, true);
  f.setUint32(40, dsdtAt, true);
  f.setUint16(46, SCI_INTERRUPT, true);
  f.setUint32(48, 0, true); /* SMI_CMD 0: POST has switched to ACPI mode already (SCI_EN) */
  f.setUint32(56, PM_BASE, true); /* PM1a_EVT_BLK */
  f.setUint32(64, PM_BASE + 4, true); /* PM1a_CNT_BLK */
  f.setUint32(76, PM_BASE + 8, true); /* PM_TMR_BLK */
  f.setUint8(88, 4); /* PM1_EVT_LEN */
  f.setUint8(89, 2); /* PM1_CNT_LEN */
  f.setUint8(91, 4); /* PM_TM_LEN */
  f.setUint16(96, 0x0fff, true); /* P_LVL2_LAT: no C2 */
  f.setUint16(98, 0x0fff, true); /* P_LVL3_LAT: no C3 */
  f.setUint8(108, CMOS_CENTURY);
  f.setUint32(112, FADT_FLAGS, true);

  const fixups = [rsdtAt + HEADER, fadtAt + 36, fadtAt + 40];
  const sums: [number, number][] = [
    [rsdtAt, rsdt.length],
    [fadtAt, fadt.length],
    [dsdtAt, dsdt.length],
  ];
  const lists = 12 + 4 * fixups.length + 8 * sums.length;
  /* The ROM offset is a multiple of 16, so aligning here aligns there. */
  const tablesAt = align(lists, 16);
  const area = new Uint8Array(tablesAt + length);
  const view = new DataView(area.buffer);
  view.setUint16(0, fixups.length, true);
  view.setUint16(2, sums.length, true);
  view.setUint32(4, length, true);
  view.setUint32(8, rsdtAt, true);
  fixups.forEach((offset, i) => {
    view.setUint32(12 + 4 * i, offset, true);
  });
  sums.forEach(([offset, bytes], i) => {
    view.setUint32(12 + 4 * fixups.length + 8 * i, offset, true);
    view.setUint32(16 + 4 * fixups.length + 8 * i, bytes, true);
  });
  area.set(facs, tablesAt + facsAt);
  area.set(rsdt, tablesAt + rsdtAt);
  area.set(fadt, tablesAt + fadtAt);
  area.set(dsdt, tablesAt + dsdtAt);
  return area;
}
