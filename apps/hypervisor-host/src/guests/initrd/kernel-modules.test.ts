import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, assert, expect, test } from 'vitest';
import { KernelModules, modulesDep, orderModules, parseNameList } from './kernel-modules.js';
import { readModuleInfo } from './modinfo.js';

/** A 32-bit ELF file with nothing but a section name table and `.modinfo`. */
function moduleFile(depends: string): Buffer {
  const names = Buffer.from('\0.modinfo\0.shstrtab\0');
  const info = Buffer.from(`license=GPL\0depends=${depends}\0name=x\0`);
  const namesAt = 0x34;
  const infoAt = namesAt + names.length;
  const tableAt = infoAt + info.length;
  const elf = Buffer.alloc(tableAt + 3 * 40);
  elf.write('\x7fELF\x01\x01\x01', 0, 'latin1');
  elf.writeUInt32LE(tableAt, 0x20);
  elf.writeUInt16LE(40, 0x2e);
  elf.writeUInt16LE(3, 0x30);
  elf.writeUInt16LE(2, 0x32);
  elf.set(names, namesAt);
  elf.set(info, infoAt);
  const section = (index: number, name: number, offset: number, size: number): void => {
    const at = tableAt + index * 40;
    elf.writeUInt32LE(name, at);
    elf.writeUInt32LE(offset, at + 0x10);
    elf.writeUInt32LE(size, at + 0x14);
  };
  section(1, 1, infoAt, info.length);
  section(2, 10, namesAt, names.length);
  return elf;
}

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function modulesFolder(modules: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modules-'));
  folders.push(folder);
  for (const [path, depends] of Object.entries(modules)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), moduleFile(depends));
  }
  await writeFile(join(folder, 'modules.builtin'), 'kernel/drivers/input/serio/i8042.ko\n');
  return folder;
}

const EXT4 = {
  'kernel/fs/ext4/ext4.ko': 'jbd2,mbcache,crc16',
  'kernel/fs/jbd2/jbd2.ko': 'crc16',
  'kernel/fs/mbcache.ko': '',
  'kernel/lib/crc16.ko': '',
  'kernel/drivers/scsi/sd-mod.ko': 'scsi_mod',
  'kernel/drivers/scsi/scsi_mod.ko': '',
};

test('the needed modules are read from .modinfo', () => {
  assert.deepEqual(readModuleInfo(moduleFile('jbd2,crypto-x')).depends, ['jbd2', 'crypto_x']);
  assert.deepEqual(readModuleInfo(moduleFile('')).depends, []);
});

test('a file that is cut anywhere is refused, not read beyond its end', () => {
  const whole = moduleFile('jbd2');
  for (let length = 0; length < whole.length; length += 7) assert.throws(() => readModuleInfo(whole.subarray(0, length)), RangeError);
});

test('each module comes after all that it needs; hyphens are underscores; what is built in is left out', async () => {
  const modules = await KernelModules.read(await modulesFolder(EXT4));
  const order = (await modules.inOrder(['sd_mod', 'ext4', 'i8042'])).map(({ name }) => name);
  assert.deepEqual(order, ['scsi_mod', 'sd_mod', 'crc16', 'jbd2', 'mbcache', 'ext4']);
});

test('a module that this kernel does not have is named', async () => {
  const modules = await KernelModules.read(await modulesFolder(EXT4));
  await expect(modules.inOrder(['ext5'])).rejects.toThrow(/ext5/);
});

test('a ring of modules ends', () => {
  const ring = new Map([
    ['a', { name: 'a', path: 'a.ko', depends: ['b'] }],
    ['b', { name: 'b', path: 'b.ko', depends: ['a'] }],
  ]);
  assert.deepEqual(
    orderModules(['a'], ring).map(({ name }) => name),
    ['b', 'a'],
  );
});

test('modules.dep lists what is needed, nearest first', async () => {
  const modules = await KernelModules.read(await modulesFolder(EXT4));
  const text = modulesDep(await modules.inOrder(['ext4']));
  assert.include(text, 'kernel/fs/ext4/ext4.ko: kernel/fs/mbcache.ko kernel/fs/jbd2/jbd2.ko kernel/lib/crc16.ko\n');
  assert.include(text, 'kernel/lib/crc16.ko:\n');
});

test('lists of names may have comments', () => {
  assert.deepEqual(parseNameList('# disks\nata_piix # PIIX3\n\n  sd_mod\n'), ['ata_piix', 'sd_mod']);
});
