import { constants, createDeflate, type Deflate } from 'node:zlib';

/**
 * The one zlib stream of an RFB connection (RFC 6143 §7.7.6): every rectangle continues it and ends with a
 * sync flush. Compression runs on Node's thread pool, so `compress` answers later; calls must not overlap.
 */
export class ZlibStream {
  readonly #deflate: Deflate = createDeflate({ level: 1 });
  #chunks: Uint8Array[] = [];

  constructor() {
    this.#deflate.on('data', (chunk: Uint8Array) => this.#chunks.push(chunk));
  }

  compress(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#deflate.once('error', reject);
      this.#deflate.write(bytes);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#deflate.off('error', reject);
        const chunks = this.#chunks;
        this.#chunks = [];
        resolve(Buffer.concat(chunks));
      });
    });
  }

  close(): void {
    this.#deflate.close();
  }
}
