/** A symbol table that is larger belongs to no kernel. */
const MOST_BYTES = 64 << 20;
const LONGEST_NAME = 512;
/** Types of code in nm(1)'s letters: global, local, weak. */
const CODE = new Set(['T', 't', 'W', 'w']);
/** An address further behind the last symbol is not in its function. */
const LAST_FUNCTION_BYTES = 0x1_0000;
/** Packages of distributions that keep the real table elsewhere ship one line in its place. */
const PLACEHOLDER = /^ffffffffffffffff\s+B\s+The real System\.map is in (?:the )?(?<where>.*)$/;

/** A symbol table that cannot be used; `line` counts from 1. */
export class SystemMapError extends Error {
  constructor(
    readonly line: number,
    problem: string,
  ) {
    super(line > 0 ? `line ${line}: ${problem}` : problem);
  }
}

/** A kernel's functions by address. */
export class SystemMap {
  readonly #addresses: Uint32Array;
  readonly #names: readonly string[];

  private constructor(symbols: readonly (readonly [number, string])[]) {
    this.#addresses = Uint32Array.from(symbols, ([address]) => address);
    this.#names = symbols.map(([, name]) => name);
  }

  get size(): number {
    return this.#names.length;
  }

  /**
   * Reads a System.map or a copy of /proc/kallsyms: lines of an address, a type letter, a name and perhaps a [module].
   * @throws SystemMapError
   */
  static parse(bytes: Uint8Array): SystemMap {
    if (bytes.length > MOST_BYTES) throw new SystemMapError(0, `${bytes.length} bytes; a symbol table has at most ${MOST_BYTES}`);
    const symbols: [number, string][] = [];
    let isAllZero = true;
    let number = 0;
    for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
      number++;
      if (line.trim() === '') continue;
      const placeholder = PLACEHOLDER.exec(line);
      if (placeholder) throw new SystemMapError(number, `only says that the real table is in ${placeholder.groups!['where']}`);
      const fields = /^([0-9a-fA-F]{1,16}) ([A-Za-z?]) (\S+)(?:[ \t]+\[(\S+)\])?\r?$/.exec(line);
      if (!fields) throw new SystemMapError(number, 'give ADDRESS TYPE NAME, as nm and /proc/kallsyms do');
      const [, digits, type, name, module] = fields as unknown as [string, string, string, string, string | undefined];
      const address = Number.parseInt(digits, 16);
      if (address > 0xffff_ffff && CODE.has(type)) throw new SystemMapError(number, `${digits} is no address of a 32-bit kernel`);
      if (name.length > LONGEST_NAME) throw new SystemMapError(number, `a name of ${name.length} characters; at most ${LONGEST_NAME}`);
      if (address !== 0) isAllZero = false;
      if (CODE.has(type)) symbols.push([address, module === undefined ? name : `${name} [${module}]`]);
    }
    if (symbols.length === 0) throw new SystemMapError(0, 'no functions are in it (types T, t, W, w)');
    if (isAllZero) throw new SystemMapError(0, 'all addresses are 0; read /proc/kallsyms as root with kernel.kptr_restrict = 0');
    return new SystemMap(symbols.sort(([a], [b]) => a - b));
  }

  /** The function that an address is in: the last one that does not begin behind it. */
  at(address: number): string | undefined {
    const addresses = this.#addresses;
    let [low, high] = [0, addresses.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (addresses[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return undefined;
    if (low === addresses.length && address - addresses[low - 1]! > LAST_FUNCTION_BYTES) return undefined;
    return this.#names[low - 1];
  }
}
