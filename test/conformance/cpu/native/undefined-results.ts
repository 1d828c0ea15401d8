import type { DecodedRow } from '../../../../packages/x86-vmm/src/cpu/decoder/decode.js';
import { DATA, type Field, type NativeRow } from './row.js';

/*
 * What the SDM leaves to the processor and our engine does as one did: family 25 of AMD, with which the instruction tables were written. A host
 * shares a behaviour when it gives its rows' answers; what it does not share is not compared there (host.ts), and all that is defined is.
 *
 * Measured: an EPYC of family 25, model 1 ("Milan") shares all but two groups. Its BSF and BSR leave OF, SF, AF, PF and CF; its CMPS reads
 * ES:eDI first, with and without REP, so that a page fault or alignment check there goes before any fault of the other operand.
 */
export interface UndefinedResult {
  readonly name: string;
  /** The instructions it is about. */
  readonly mnemonics: RegExp;
  /** EFLAGS bits that are undefined after such an instruction; ECX before it. */
  readonly flags: (decoded: DecodedRow, ecx: number) => number;
  /** The destination is undefined, too. */
  readonly destination?: (decoded: DecodedRow, ecx: number) => boolean;
  readonly rows: readonly NativeRow[];
}

const FLAG_BITS: Readonly<Record<string, number>> = { O: 0x800, S: 0x80, Z: 0x40, A: 0x10, P: 4, C: 1 };
/** EFLAGS bits of letters as in the instruction tables. */
export const flagBits = (letters = ''): number => [...letters].reduce((bits, letter) => bits | FLAG_BITS[letter]!, 0);

const COUNT_BITS = 31;
/** How far a shift or rotation goes, whose last operand is an immediate or CL. */
export function shiftCount({ operands }: DecodedRow, ecx: number): number {
  const by = operands.at(-1)!;
  return (by.kind === 'immediate' ? by.value : ecx) & COUNT_BITS;
}
const widthOf = ({ operands: [destination] }: DecodedRow): number =>
  destination?.kind === 'register' || destination?.kind === 'memory' ? destination.width : 0;

const always = (letters: string) => (): number => flagBits(letters);
const whenShifted = (letters: string) => (decoded: DecodedRow, ecx: number) => (shiftCount(decoded, ecx) > 0 ? flagBits(letters) : 0);
const whenMoreThanOne = (letters: string) => (decoded: DecodedRow, ecx: number) => (shiftCount(decoded, ecx) > 1 ? flagBits(letters) : 0);
/** SHLD and SHRD by more than the operand has bits. */
const isBeyond = (decoded: DecodedRow, ecx: number): boolean => shiftCount(decoded, ecx) > widthOf(decoded);

const row = (source: string, before: Partial<Record<Field, number>>, after: Partial<Record<Field, number>>): NativeRow => ({
  name: `${source} with ${Object.entries(before)
    .map(([field, value]) => `${field} ${value.toString(16)}`)
    .join(', ')}`,
  source,
  before,
  after,
});

export const undefinedResults: readonly UndefinedResult[] = [
  {
    name: 'AND, OR, XOR and TEST clear AF',
    mnemonics: /^(AND|OR|XOR|TEST)$/,
    flags: always('A'),
    rows: [
      row('and eax, ecx', { eax: 0xf0, ecx: 0x18, eflags: 0xad7 }, { eax: 0x10, eflags: 0x202 }),
      row('or eax, ecx', { eax: 0xf0, ecx: 0x18, eflags: 0xad7 }, { eax: 0xf8, eflags: 0x202 }),
      row('xor eax, eax', { eflags: 0xa97 }, { eax: 0, eflags: 0x246 }),
      row('test al, 0x1f', { eax: 0x11, eflags: 0xad7 }, { eflags: 0x206 }),
    ],
  },
  {
    name: 'shifts set AF',
    mnemonics: /^(SHL|SHR|SAR|SHLD|SHRD)$/,
    flags: whenShifted('A'),
    rows: [
      row('shl eax, 1', { eax: 1, eflags: 0x202 }, { eax: 2, eflags: 0x212 }),
      row('shl eax, 1', { eax: 0x10, eflags: 0xad7 }, { eax: 0x20, eflags: 0x212 }),
      row('shr eax, 1', { eax: 2, eflags: 0x202 }, { eax: 1, eflags: 0x212 }),
      row('sar eax, 1', { eax: 2, eflags: 0x202 }, { eax: 1, eflags: 0x212 }),
      row('shld eax, edx, 1', { eax: 1, eflags: 0x202 }, { eax: 2, eflags: 0x212 }),
      row('shrd eax, edx, 1', { eax: 2, eflags: 0x202 }, { eax: 1, eflags: 0x212 }),
    ],
  },
  {
    name: 'shifts by more than one have the OF of the last of that many by one',
    mnemonics: /^(SHL|SHR|SAR|SHLD|SHRD)$/,
    flags: whenMoreThanOne('O'),
    rows: [
      row('shl eax, 3', { eax: 0x1000_0000, eflags: 0x202 }, { eax: 0x8000_0000, eflags: 0xa96 }),
      row('shl eax, 3', { eax: 0x6000_0000, eflags: 0xa02 }, { eax: 0, eflags: 0xa57 }),
      row('shl eax, 3', { eax: 1, eflags: 0xa02 }, { eax: 8, eflags: 0x212 }),
      row('shr eax, 3', { eax: 0x8000_0000, eflags: 0x202 }, { eax: 0x1000_0000, eflags: 0x216 }),
      row('shr eax, 3', { eax: 0x7000_0000, eflags: 0xa02 }, { eax: 0x0e00_0000, eflags: 0x216 }),
      row('sar eax, 3', { eax: 0x8000_0000, eflags: 0xa02 }, { eax: 0xf000_0000, eflags: 0x296 }),
      row('sar eax, 3', { eax: 0x4000_0000, eflags: 0xa02 }, { eax: 0x0800_0000, eflags: 0x216 }),
      row('shld eax, edx, 3', { eax: 0x1000_0000, eflags: 0x202 }, { eax: 0x8000_0000, eflags: 0xa96 }),
      row('shld eax, edx, 3', { eax: 0x6000_0000, eflags: 0xa02 }, { eax: 0, eflags: 0xa57 }),
      row('shrd eax, edx, 3', { eax: 0x8000_0000, edx: 4, eflags: 0x202 }, { eax: 0x9000_0000, eflags: 0xa96 }),
      row('shrd eax, edx, 3', { eax: 8, edx: 2, eflags: 0x202 }, { eax: 0x4000_0001, eflags: 0xa12 }),
      row('shrd eax, edx, 3', { eax: 8, edx: 6, eflags: 0xa02 }, { eax: 0xc000_0001, eflags: 0x292 }),
      row('shrd bx, dx, 16', { ebx: 0xe2c2, edx: 0x6b2d, eflags: 0xad7 }, { ebx: 0x6b2d, eflags: 0xa17 }),
      // Of 16 bits by 16, it is CF.
      row('shld bx, ax, 16', { ebx: 0x78f7, eax: 0xabe1, eflags: 0x202 }, { ebx: 0xabe1, eflags: 0xa97 }),
    ],
  },
  {
    name: 'rotations by more than one have the OF of the last of that many by one',
    mnemonics: /^(ROL|ROR|RCL|RCR)$/,
    flags: whenMoreThanOne('O'),
    rows: [
      row('rol eax, 3', { eax: 0x1000_0000, eflags: 0x202 }, { eax: 0x8000_0000, eflags: 0xa02 }),
      row('rol eax, 3', { eax: 0x2000_0000, eflags: 0x202 }, { eax: 1, eflags: 0xa03 }),
      row('rol al, 8', { eax: 0x81, eflags: 0x202 }, { eax: 0x81, eflags: 0x203 }),
      row('ror eax, 3', { eax: 4, eflags: 0x202 }, { eax: 0x8000_0000, eflags: 0xa03 }),
      row('ror eax, 3', { eax: 6, eflags: 0xa02 }, { eax: 0xc000_0000, eflags: 0x203 }),
      row('rcl eax, 3', { eax: 0x1000_0000, eflags: 0x203 }, { eax: 0x8000_0004, eflags: 0xa02 }),
      row('rcl eax, 3', { eax: 1, eflags: 0xa02 }, { eax: 8, eflags: 0x202 }),
      row('rcr eax, 3', { eax: 4, eflags: 0x203 }, { eax: 0x2000_0000, eflags: 0x203 }),
      row('rcr eax, 3', { eax: 2, eflags: 0xa02 }, { eax: 0x8000_0000, eflags: 0xa02 }),
    ],
  },
  {
    name: 'SHL and SHR by the width and more have the bit in CF that left last, or 0',
    mnemonics: /^(SHL|SHR)$/,
    flags: (decoded, ecx) => (shiftCount(decoded, ecx) >= widthOf(decoded) ? flagBits('C') : 0),
    rows: [
      row('shl al, 8', { eax: 1, eflags: 0x202 }, { eax: 0, eflags: 0xa57 }),
      row('shl al, 8', { eax: 0xfe, eflags: 0x203 }, { eax: 0, eflags: 0x256 }),
      row('shl ax, 17', { eax: 0xffff, eflags: 0x203 }, { eax: 0, eflags: 0x256 }),
      row('shr al, 8', { eax: 0x80, eflags: 0x202 }, { eax: 0, eflags: 0x257 }),
      row('shr al, 8', { eax: 0x7f, eflags: 0x203 }, { eax: 0, eflags: 0x256 }),
      row('shr ax, 17', { eax: 0xffff, eflags: 0x203 }, { eax: 0, eflags: 0x256 }),
    ],
  },
  {
    name: 'SHLD and SHRD of 16 bits by more than 16 go on with the source',
    mnemonics: /^(SHLD|SHRD)$/,
    flags: (decoded, ecx) => (isBeyond(decoded, ecx) ? flagBits('OSZAPC') : 0),
    destination: isBeyond,
    rows: [
      row('shld bx, dx, 17', { ebx: 0x62c2, edx: 0x6b2d, eflags: 0xad7 }, { ebx: 0xd65a, eflags: 0x296 }),
      row('shld bx, dx, 31', { ebx: 0x62c2, edx: 0x6b2d, eflags: 0xad7 }, { ebx: 0xb596, eflags: 0x296 }),
      row('shrd bx, dx, 17', { ebx: 0x62c2, edx: 0x6b2d, eflags: 0xad7 }, { ebx: 0xb596, eflags: 0xa96 }),
    ],
  },
  {
    name: 'BT, BTS, BTR and BTC keep the flags but CF',
    mnemonics: /^BT[SRC]?$/,
    flags: always('OSAP'),
    rows: [
      row('bt eax, ecx', { eax: 2, ecx: 1, eflags: 0x2d6 }, { eflags: 0x2d7 }),
      row('bt eax, ecx', { eax: 2, ecx: 0, eflags: 0xa03 }, { eflags: 0xa02 }),
      row('bts eax, ecx', { eax: 2, ecx: 1, eflags: 0xad6 }, { eax: 2, eflags: 0xad7 }),
      row('bts eax, ecx', { eax: 2, ecx: 0, eflags: 0x203 }, { eax: 3, eflags: 0x202 }),
      row('btr eax, 1', { eax: 2, eflags: 0xad6 }, { eax: 0, eflags: 0xad7 }),
      row('btr eax, 1', { eax: 0, eflags: 0x203 }, { eax: 0, eflags: 0x202 }),
      row('btc eax, 1', { eax: 2, eflags: 0xad6 }, { eax: 0, eflags: 0xad7 }),
      row('btc eax, 1', { eax: 0, eflags: 0x203 }, { eax: 2, eflags: 0x202 }),
    ],
  },
  {
    name: 'BSF and BSR clear the flags but ZF, with the PF of the index',
    mnemonics: /^BS[FR]$/,
    flags: always('OSAPC'),
    rows: ['bsf', 'bsr'].flatMap((scan) => [
      row(`${scan} eax, ecx`, { ecx: 8, eflags: 0xa93 }, { eax: 3, eflags: 0x206 }),
      row(`${scan} eax, ecx`, { ecx: 2, eflags: 0x216 }, { eax: 1, eflags: 0x202 }),
      row(`${scan} eax, ecx`, { eax: 5, ecx: 0, eflags: 0xa93 }, { eax: 5, eflags: 0x246 }),
    ]),
  },
  {
    name: 'MUL and IMUL keep SF, ZF, AF and PF',
    mnemonics: /^I?MUL$/,
    flags: always('SZAP'),
    rows: [
      row('mul ecx', { eax: 2, ecx: 3, eflags: 0xad7 }, { eax: 6, eflags: 0x2d6 }),
      row('mul ecx', { eax: 0x8000_0000, ecx: 6, eflags: 0x202 }, { eax: 0, edx: 3, eflags: 0xa03 }),
      row('mul cl', { eax: 0x20, ecx: 0x20, eflags: 0x2d6 }, { eax: 0x400, eflags: 0xad7 }),
      row('imul ecx', { eax: 2, ecx: 3, eflags: 0xad7 }, { eax: 6, eflags: 0x2d6 }),
      row('imul ecx', { eax: 0x8000_0000, ecx: 6, eflags: 0x202 }, { eax: 0, edx: 0xffff_fffd, eflags: 0xa03 }),
      row('imul eax, ecx', { eax: 2, ecx: 0xffff_fffd, eflags: 0xa57 }, { eax: 0xffff_fffa, eflags: 0x256 }),
      row('imul eax, ecx', { eax: 0x8000_0000, ecx: 6, eflags: 0x202 }, { eax: 0, eflags: 0xa03 }),
      row('imul eax, ecx, 5', { ecx: 0, eflags: 0xa97 }, { eax: 0, eflags: 0x296 }),
    ],
  },
  {
    name: 'DIV and IDIV keep CF and OF, set AF and clear the rest',
    mnemonics: /^I?DIV$/,
    flags: always('OSZAPC'),
    rows: [
      row('div cl', { eax: 100, ecx: 7, eflags: 0xad7 }, { eax: 0x20e, eflags: 0xa13 }),
      row('div ecx', { eax: 100, ecx: 7, eflags: 0x2c6 }, { eax: 14, edx: 2, eflags: 0x212 }),
      row('idiv cl', { eax: 100, ecx: 7, eflags: 0xad7 }, { eax: 0x20e, eflags: 0xa13 }),
      row('idiv ecx', { eax: 100, edx: 0, ecx: 7, eflags: 0x2c6 }, { eax: 14, edx: 2, eflags: 0x212 }),
    ],
  },
  {
    name: 'DAA and DAS have the OF of their correction',
    mnemonics: /^DA[AS]$/,
    flags: always('O'),
    rows: [
      row('daa', { eax: 0x7a, eflags: 0x202 }, { eax: 0x80, eflags: 0xa92 }),
      row('daa', { eax: 0x12, eflags: 0xa02 }, { eax: 0x12, eflags: 0x206 }),
      row('das', { eax: 0x80, eflags: 0x212 }, { eax: 0x7a, eflags: 0xa12 }),
      row('das', { eax: 0x12, eflags: 0xa02 }, { eax: 0x12, eflags: 0x206 }),
    ],
  },
  {
    name: 'AAA and AAS have the flags of their 16-bit correction',
    mnemonics: /^AA[AS]$/,
    flags: always('OSZP'),
    rows: [
      row('aaa', { eax: 0x7ffa, eflags: 0x202 }, { eax: 0x8100, eflags: 0xa97 }),
      row('aaa', { eax: 5, eflags: 0xac6 }, { eax: 5, eflags: 0x206 }),
      row('aaa', { eax: 0xfffa, eflags: 0x202 }, { eax: 0x100, eflags: 0x217 }),
      row('aas', { eax: 0x8005, eflags: 0x212 }, { eax: 0x7e0f, eflags: 0xa17 }),
      row('aas', { eax: 5, eflags: 0xac6 }, { eax: 5, eflags: 0x206 }),
      row('aas', { eax: 0xfffa, eflags: 0x202 }, { eax: 0xfe04, eflags: 0x293 }),
    ],
  },
  {
    name: 'AAM clears OF, AF and CF; AAD leaves the flags of its addition',
    mnemonics: /^AA[MD]$/,
    flags: always('OAC'),
    rows: [
      row('aam 10', { eax: 0x63, eflags: 0xa13 }, { eax: 0x909, eflags: 0x206 }),
      row('aad 10', { eax: 0x909, eflags: 0xa13 }, { eax: 0x63, eflags: 0x216 }),
      row('aad 10', { eax: 0x70f, eflags: 0x202 }, { eax: 0x55, eflags: 0x216 }),
      row('aad 0xf0', { eax: 0x5555_5555, eflags: 0xa56 }, { eax: 0x5555_0005, eflags: 0x207 }),
    ],
  },
];

const [UNMAPPED, OTHER_UNMAPPED] = [0x10, 0x2345_6788];
const READ = 4;
/** Of two operands in memory that both fault, which one the processor reports is its own choice (SDM Vol. 3A 6.9 orders only classes). */
export const faultOrders: readonly Pick<UndefinedResult, 'name' | 'mnemonics' | 'rows'>[] = (
  [
    ['CMPS', 'repe'],
    ['MOVS', 'rep'],
  ] as const
).map(([mnemonic, repeat]) => ({
  name: `${mnemonic} reports DS:eSI first`,
  mnemonics: new RegExp(`^${mnemonic}[BWD]$`),
  rows: [
    row(`${mnemonic}D`, { esi: UNMAPPED, edi: OTHER_UNMAPPED }, { vector: 14, errorCode: READ, cr2: UNMAPPED }),
    row(`${mnemonic}D`, { esi: OTHER_UNMAPPED, edi: UNMAPPED }, { vector: 14, errorCode: READ, cr2: OTHER_UNMAPPED }),
    row(`${mnemonic}B`, { ds: 0, esi: DATA, edi: UNMAPPED }, { vector: 13, errorCode: 0 }),
    row(`${repeat} ${mnemonic}W`, { ecx: 4, esi: UNMAPPED, edi: OTHER_UNMAPPED }, { vector: 14, errorCode: READ, cr2: UNMAPPED }),
  ],
}));
