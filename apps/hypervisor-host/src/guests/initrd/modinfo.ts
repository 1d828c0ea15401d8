/*
 * What a Linux module says about itself: the `.modinfo` section of its ELF file, NUL-separated `key=value` texts.
 * Sources: System V ABI, ELF header and section header table; Linux include/linux/module.h (MODULE_INFO).
 * Read here because `modules.dep` is made on the installed system by depmod and is not in Debian's package.
 */

/** Offsets of the fields we need, per ELF class. */
const LAYOUT = {
  1: { sectionTable: 0x20, entrySize: 0x2e, count: 0x30, names: 0x32, offset: 0x10, size: 0x14, wide: false },
  2: { sectionTable: 0x28, entrySize: 0x3a, count: 0x3c, names: 0x3e, offset: 0x18, size: 0x20, wide: true },
} as const;
const LITTLE_ENDIAN = 1;
const SECTION = '.modinfo';

export interface ModuleInfo {
  /** Modules whose symbols it uses; they must be there first. */
  readonly depends: readonly string[];
}

/** @throws RangeError when the bytes are not a module */
export function readModuleInfo(bytes: Uint8Array): ModuleInfo {
  const text = sectionBytes(bytes).toString('latin1');
  const depends = text.split('\0').find((entry) => entry.startsWith('depends='));
  return {
    depends: (depends ?? 'depends=')
      .slice('depends='.length)
      .split(',')
      .filter((name) => name !== '')
      .map(moduleName),
  };
}

/** Modules are named with `_` in the kernel and with `-` or `_` in files and lists. */
export function moduleName(fileOrName: string): string {
  return fileOrName
    .slice(fileOrName.lastIndexOf('/') + 1)
    .replace(/\.ko$/, '')
    .replaceAll('-', '_');
}

function sectionBytes(bytes: Uint8Array): Buffer {
  const elf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const layout = LAYOUT[elf[4] as 1 | 2];
  if (elf.length < 0x40 || elf.toString('latin1', 0, 4) !== '\x7fELF' || layout === undefined || elf[5] !== LITTLE_ENDIAN) {
    throw new RangeError('not a little-endian ELF file');
  }
  const word = (at: number): number => (layout.wide ? Number(elf.readBigUInt64LE(at)) : elf.readUInt32LE(at));
  const table = word(layout.sectionTable);
  const entrySize = elf.readUInt16LE(layout.entrySize);
  const count = elf.readUInt16LE(layout.count);
  if (table + count * entrySize > elf.length) throw new RangeError('the section header table is cut off');
  const section = (index: number) => {
    const at = table + index * entrySize;
    return { name: elf.readUInt32LE(at), offset: word(at + layout.offset), size: word(at + layout.size) };
  };
  const names = section(elf.readUInt16LE(layout.names));
  for (let index = 0; index < count; index++) {
    const { name, offset, size } = section(index);
    const at = names.offset + name;
    if (elf.toString('latin1', at, at + SECTION.length + 1) !== `${SECTION}\0`) continue;
    if (offset + size > elf.length) throw new RangeError(`section ${SECTION} is cut off`);
    return elf.subarray(offset, offset + size);
  }
  throw new RangeError(`there is no section ${SECTION}`);
}
