import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * The physical CPU's x87 and MMX as an oracle. A row is 128 bytes: an FSAVE image in the 32-bit protected-mode format (108 bytes), the number
 * of an operation (u32) and 16 bytes of memory operand. The ELF loads the image, calls the operation with RSI at the memory operand, EAX =
 * 5555h and all arithmetic flags set, saves, and answers 128 bytes: image, FLAGS | AX << 16, memory.
 *
 * `STUB` is that program in 64-bit code, without a compiler: ELF header, program header, loop over rows in chunks of 32 KiB read from standard
 * input, `frstor [row]; call [table + 16 * operation]; fnsave [answer]`. The table of operations follows it.
 */
const STUB = Buffer.from(
  '7f454c4602010100000000000000000002003e000100000078004000000000004000000000000000000000000000000000000000400038000100400000000000' +
    '01000000070000000000000000000000000040000000000000004000000000000020000000000000000004000000000000100000000000004531f631ff498db6' +
    '00004100ba008000004429f231c00f054885c07e0c4901c64181fe0080000072dabb0000410041bc000042004589f541c1ed070f8487000000488b4370498944' +
    '2470488b43784989442478498d7424708b536cc1e20481c250014000dd2368d70800009db855550000ffd29c5941dd3424c1e0100fb7c909c141894c246c4883' +
    'eb804983ec8041ffcd75ae41bf00004200bf010000004489fe4489e24429fa7411b8010000000f054885c07e134901c7ebdf4181fe008000007205e938ffffff' +
    '31ffb83c0000000f0590909090909090',
  'hex',
);
const TABLE_ENTRY = 16;
/** Room for 2,000 operations; the row buffers are above. */
const FILE_BYTES = 0x8000;
const PROGRAM_HEADER_FILE_SIZE = 0x60;
export const ROW_BYTES = 128;
export const ROW_OPERATION = 108;
export const ROW_MEMORY = 112;
const RET = 0xc3;

/** Why the oracle cannot be used on this host, or undefined. */
export function oracleMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the oracle is a Linux program';
  if (process.arch !== 'x64') return 'the oracle is the x87 of an x86-64 processor';
  return undefined;
}

/** Runs rows on the physical CPU. Each operation is machine code of at most 15 bytes. */
export class X87Oracle {
  readonly #folder = mkdtempSync(join(tmpdir(), 'x87-oracle-'));
  readonly #program = join(this.#folder, 'oracle');

  constructor(operations: readonly (readonly number[])[]) {
    const image = Buffer.alloc(FILE_BYTES);
    STUB.copy(image);
    image.writeBigUInt64LE(BigInt(FILE_BYTES), PROGRAM_HEADER_FILE_SIZE);
    operations.forEach((code, index) => {
      image.set([...code, RET], STUB.length + index * TABLE_ENTRY);
    });
    writeFileSync(this.#program, image);
    chmodSync(this.#program, 0o700);
  }

  run(rows: Buffer): Buffer {
    const { status, signal, stdout, error } = spawnSync(this.#program, {
      input: rows,
      maxBuffer: rows.length + ROW_BYTES,
      timeout: 120_000,
    });
    if (error || status !== 0 || stdout.length !== rows.length) {
      throw new Error(`oracle: status ${status} signal ${signal} ${stdout?.length} of ${rows.length} bytes ${error ?? ''}`);
    }
    return stdout;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
