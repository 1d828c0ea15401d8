/*
 * Our BIOS in Debian's QEMU: the services program from every kind of boot medium, the tables an
 * operating system looks for, the boot menu, and GRUB.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, assert, describe, test } from 'vitest';
import { assemble } from './assemble.js';
import { buildImages } from './images.js';
import { bootableIso, MEDIA } from './test-programs/iso.js';
import { assembleWithNasm } from './test-programs/nasm.js';
import { missingTool, Qemu } from './test-programs/qemu.js';

const reason = missingTool();
const GRUB_FLOPPY = '/usr/lib/grub-rescue/grub-rescue-floppy.img';
const GRUB_CDROM = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';
const BOOT_MS = 60_000;
const FLOPPY_BYTES = 1_474_560;
/** Value 10h written to the debug-exit port gives QEMU's status 2n + 1. */
const LEFT = 0x21;

const source = fileURLToPath(new URL('.', import.meta.url));
const generated = mkdtempSync(join(tmpdir(), 'millwright-firmware-test-'));
afterAll(() => rmSync(generated, { recursive: true, force: true }));

const padded = (bytes: Uint8Array, length: number): Uint8Array => {
  const image = new Uint8Array(length);
  image.set(bytes);
  return image;
};

describe.skipIf(reason !== undefined)(`the BIOS in QEMU${reason ? ` (left out: ${reason})` : ''}`, () => {
  const { bios, videoBios, kernelLoader } = buildImages(source, generated, assemble);
  const program = assemble(join(source, 'test-programs', 'services.asm'), []);

  /** Runs the services program; its lines by their first words. */
  async function runServices(files: Record<string, Uint8Array>, args: string[]): Promise<string[]> {
    const qemu = new Qemu(bios, files, args);
    try {
      assert.equal(await qemu.waitForExit(BOOT_MS), LEFT, `the program did not end; it said:\n${qemu.debugText()}`);
      return qemu.debugText().trim().split('\n');
    } finally {
      await qemu.end();
    }
  }
  const has = (lines: readonly string[], ...wanted: readonly string[]): void => {
    for (const line of wanted) assert.include(lines, line);
  };

  test('our assembler and nasm make the same bytes of every source', { timeout: BOOT_MS }, () => {
    const theirs = buildImages(source, generated, assembleWithNasm);
    assert.deepEqual({ bios, videoBios, kernelLoader }, theirs);
    assert.deepEqual(program, assembleWithNasm(join(source, 'test-programs', 'services.asm'), []));
  });

  test('the option ROMs carry their length, and their bytes add up to zero', () => {
    for (const [rom, blocks] of [
      [videoBios, 64],
      [kernelLoader, 1],
    ] as const) {
      assert.deepEqual([...rom.subarray(0, 3)], [0x55, 0xaa, blocks]);
      assert.equal(rom.length, blocks * 512);
      assert.equal(
        rom.reduce((sum, byte) => (sum + byte) & 0xff, 0),
        0,
      );
    }
    const data = new DataView(videoBios.buffer, videoBios.byteOffset).getUint16(0x18, true);
    assert.equal(String.fromCharCode(...videoBios.subarray(data, data + 4)), 'PCIR');
  });

  test('hard disk: every service answers', { timeout: 2 * BOOT_MS }, async () => {
    const lines = await runServices({ 'disk.img': padded(program, FLOPPY_BYTES) }, [
      '-m',
      '128',
      '-drive',
      'file={folder}/disk.img,if=ide,format=raw',
      '-boot',
      'c',
    ]);
    has(
      lines,
      'drive 80',
      'int12 027F',
      '15.88 0 FC00',
      '15.E801 0 3C00 06FF',
      'e820 0000000000000000 000000000009FC00 01',
      'e820 000000000009FC00 0000000000000400 02',
      'e820 00000000000E0000 0000000000020000 02',
      'e820 0000000000100000 0000000007EF0000 01',
      'e820 0000000007FF0000 0000000000010000 03',
      'e820 00000000FFFC0000 0000000000040000 02',
      '15.C0 0 FC',
      '15.24 0 01',
      '15.87 0 0 12345678',
      '15.86 0 waited',
      '15.53 0 504D',
      '15.C2 0 0 00 0 0',
      '16 1E61 1E61 4BE0 empty',
      '1A.B101 0 0001 20494350',
      '1A.B102 0 0008 0A',
      '1A.B103 0 E0000008',
      '14 00',
    );
    has(
      lines,
      'mode 00 28 41',
      'mode 01 28 41',
      'mode 02 50 41',
      'mode 03 50 41',
      'mode 04 28 02 41',
      'mode 05 28 03 41',
      'mode 06 50 01 41',
      'mode 07 50 41',
      'mode 0D 28 09 41',
      'mode 0E 50 0A 41',
      'mode 0F 50 01 41',
      'mode 10 50 0B 41',
      'mode 11 50 01 41',
      'mode 12 50 0C 41',
      'mode 13 28 C8 41',
      '10.13 0515 1E48',
      '10.1130 FE 0010',
      '10.1A 1A 0008',
      '10.1015 00002A',
      'vbe 004F 41534556 0300 0100',
      'vbemode 0118 004F 0400 0300 18 0C00 E0000000',
      'vbemode 0144 004F 0400 0300 20 1000 E0000000',
      'vbemode 0192 004F 0780 0438 20 1E00 E0000000',
      'vbeset 004F 4118 0C00 004F 08',
      'vbebank 004F 00 5A',
      'edid 004F 00',
    );
    has(lines, '13.15 0 03', '13.02 0 AA55', '13.02bad 1', '13.03 0 00', '13.41 0 AA55', '13.48 0 00000B40 0200', 'end');
    assert.isTrue(lines.some((line) => /^13\.42 0 /.test(line)));
    const century = lines.find((line) => line.startsWith('1A.04'));
    assert.match(century ?? '', /^1A\.04 0 20\d{6}$/);
  });

  test('memory above 16 MiB and above 4 GiB is in the map', { timeout: 2 * BOOT_MS }, async () => {
    const lines = await runServices({ 'disk.img': padded(program, FLOPPY_BYTES) }, [
      '-m',
      '4G',
      '-drive',
      'file={folder}/disk.img,if=ide,format=raw',
      '-boot',
      'c',
    ]);
    has(lines, 'e820 0000000000100000 00000000BFEF0000 01', 'e820 0000000100000000 0000000040000000 01');
  });

  test('diskette', { timeout: 2 * BOOT_MS }, async () => {
    const lines = await runServices({ 'floppy.img': padded(program, FLOPPY_BYTES) }, [
      '-drive',
      'file={folder}/floppy.img,if=floppy,format=raw',
      '-boot',
      'a',
    ]);
    has(lines, 'drive 00', '13.08 0 4F12 0101', '13.15 0 02', '13.02 0 AA55', '13.03 0 00', 'end');
  });

  test('CD-ROM without emulation', { timeout: 2 * BOOT_MS }, async () => {
    const lines = await runServices({ 'cd.iso': bootableIso(program, MEDIA.none, program.length / 512) }, [
      '-cdrom',
      '{folder}/cd.iso',
      '-boot',
      'd',
    ]);
    /* sector 16 is the primary volume descriptor: 01 'CD0' */
    has(lines, 'drive E0', '13.41 0 AA55', '13.42 0 30444301', '13.48 0 FFFFFFFF 0800', '13.4B 0 E000', 'end');
  });

  test('CD-ROM with an emulated diskette', { timeout: 2 * BOOT_MS }, async () => {
    const image = padded(program, FLOPPY_BYTES);
    const lines = await runServices({ 'cd.iso': bootableIso(image, MEDIA.floppy1440, 1) }, ['-cdrom', '{folder}/cd.iso', '-boot', 'd']);
    has(lines, 'drive 00', '13.08 0 4F12 0101', '13.02 0 AA55', '13.03 1 03', '13.4B 0 0002', 'end');
  });

  test('the tables an operating system looks for are there and add up', { timeout: 2 * BOOT_MS }, async () => {
    const qemu = new Qemu(bios, {}, ['-m', '64']);
    try {
      await qemu.waitForScreen('No bootable device', BOOT_MS);
      const rom = await qemu.memory(0xf0000, 0x10000);
      const romView = new DataView(rom.buffer, rom.byteOffset);
      const find = (mark: string): number => {
        for (let at = 0; at < rom.length; at += 16) if (String.fromCharCode(...rom.subarray(at, at + mark.length)) === mark) return at;
        throw new Error(`${mark} is missing`);
      };
      const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
      assert.equal(sum(rom.subarray(find('_32_'), find('_32_') + 16)), 0);
      const pir = find('$PIR');
      assert.equal(sum(rom.subarray(pir, pir + romView.getUint16(pir + 6, true))), 0);
      const smbios = find('_SM_');
      assert.equal(sum(rom.subarray(smbios, smbios + 0x1f)), 0);
      assert.equal(sum(rom.subarray(smbios + 16, smbios + 0x1f)), 0);
      let at = romView.getUint32(smbios + 0x18, true) - 0xf0000;
      const types: number[] = [];
      for (let i = 0; i < romView.getUint16(smbios + 0x1c, true); i++) {
        types.push(rom[at]!);
        at += rom[at + 1]!;
        while (rom[at] !== 0 || rom[at + 1] !== 0) at++;
        at += 2;
      }
      assert.deepEqual(types, [0, 1, 3, 4, 16, 17, 19, 32, 127]);
      const rsdp = find('RSD PTR ');
      assert.equal(sum(rom.subarray(rsdp, rsdp + 20)), 0);
      const tables = romView.getUint32(rsdp + 16, true);
      const base = 64 * 0x100000 - 0x10000;
      const area = await qemu.memory(base, 0x10000);
      const view = new DataView(area.buffer, area.byteOffset);
      const table = (address: number): { mark: string; at: number } => {
        const offset = address - base;
        const length = view.getUint32(offset + 4, true);
        const mark = String.fromCharCode(...area.subarray(offset, offset + 4));
        if (mark !== 'FACS') assert.equal(sum(area.subarray(offset, offset + length)), 0, mark);
        return { mark, at: offset };
      };
      const rsdt = table(tables);
      assert.equal(rsdt.mark, 'RSDT');
      const fadt = table(view.getUint32(rsdt.at + 36, true));
      assert.equal(fadt.mark, 'FACP');
      assert.equal(table(view.getUint32(fadt.at + 36, true)).mark, 'FACS');
      assert.equal(table(view.getUint32(fadt.at + 40, true)).mark, 'DSDT');
      assert.equal(view.getUint32(fadt.at + 64, true), 0x604);
    } finally {
      await qemu.end();
    }
  });

  test('F12 opens the boot menu, and its choice boots', { timeout: 2 * BOOT_MS }, async () => {
    const image = padded(program, FLOPPY_BYTES);
    const qemu = new Qemu(bios, { 'a.img': image, 'c.img': image }, [
      '-drive',
      'file={folder}/a.img,if=floppy,format=raw',
      '-drive',
      'file={folder}/c.img,if=ide,format=raw',
      '-boot',
      'c',
    ]);
    try {
      await qemu.waitForScreen('Press F12', BOOT_MS);
      await qemu.type('f12');
      const screen = await qemu.waitForScreen('Boot from', BOOT_MS);
      assert.include(screen, '2  Hard disk  QEMU HARDDISK');
      await qemu.type('1');
      assert.equal(await qemu.waitForExit(BOOT_MS), LEFT);
      assert.include(qemu.debugText(), 'drive 00');
    } finally {
      await qemu.end();
    }
  });

  test.skipIf(!existsSync(GRUB_FLOPPY))('the GRUB rescue diskette takes a typed command', { timeout: 3 * BOOT_MS }, async () => {
    const qemu = new Qemu(bios, {}, ['-drive', `file=${GRUB_FLOPPY},if=floppy,format=raw,readonly=on`, '-boot', 'a']);
    try {
      assert.include(await qemu.waitForScreen('GNU GRUB', BOOT_MS), 'GNU GRUB');
      await qemu.type('c', 'l', 's', 'ret');
      assert.include(await qemu.waitForScreen('(fd0)', BOOT_MS), '(fd0)');
    } finally {
      await qemu.end();
    }
  });

  test.skipIf(!existsSync(GRUB_CDROM))('the GRUB rescue CD reaches its menu', { timeout: 3 * BOOT_MS }, async () => {
    const qemu = new Qemu(bios, {}, ['-cdrom', GRUB_CDROM, '-boot', 'd']);
    try {
      assert.include(await qemu.waitForScreen('GNU GRUB', BOOT_MS), 'GNU GRUB');
      await qemu.type('c', 'l', 's', 'm', 'm', 'a', 'p', 'ret');
      assert.include(await qemu.waitForScreen('base_addr = 0x100000', BOOT_MS), 'base_addr = 0x100000');
    } finally {
      await qemu.end();
    }
  });
});
