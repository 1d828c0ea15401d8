import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TICKET_SCHEME } from '@millwright/contracts';
import { problemIn } from '../broker/broker-client.js';
import { CommandError, ExitStatus } from '../command-error.js';

/*
 * The client side of tus 1.0.0 (https://tus.io/protocols/resumable-upload): creation, HEAD for the offset, PATCH in
 * pieces. A piece that fails is repeated from the offset that the server then names.
 */
const TUS = { 'tus-resumable': '1.0.0' } as const;
/** One PATCH; small enough that a cut repeats little, large enough that round trips do not show. */
const PIECE_BYTES = 8 << 20;
/** Pauses after failures in a row; after the last the upload is given up (and may be resumed by the next command). */
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000, 8_000];

export class TusUpload {
  constructor(private readonly location: URL) {}

  /** Makes the upload with its single-use ticket; resolves with its location (path or URL). */
  static async create(endpoint: URL, ticket: string, sizeBytes: number): Promise<string> {
    const response = await fetch(endpoint, {
      method: 'POST',
      redirect: 'error',
      headers: { ...TUS, authorization: `${TICKET_SCHEME} ${ticket}`, 'upload-length': String(sizeBytes) },
    });
    if (response.status !== 201) throw await refusalIn(response);
    const location = response.headers.get('location');
    if (location === null) throw new CommandError('The host took the upload but named no place for it. Try again.');
    // Bytes go to the server that was asked, whatever it names.
    const url = new URL(location, endpoint);
    return url.pathname + url.search;
  }

  /** Bytes that have arrived; undefined when the upload is gone. */
  async offset(): Promise<number | undefined> {
    const response = await fetch(this.location, { method: 'HEAD', redirect: 'error', headers: TUS });
    if (response.status === 404 || response.status === 410) return undefined;
    const offset = Number(response.headers.get('upload-offset') ?? Number.NaN);
    if (!response.ok || !Number.isSafeInteger(offset)) throw await refusalIn(response);
    return offset;
  }

  /** Sends what is missing. @param sent called with the bytes that have arrived */
  async send(file: FileHandle, sizeBytes: number, sent: (bytes: number) => void): Promise<void> {
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes));
    let failures = 0;
    let at = await this.#where();
    while (at < sizeBytes) {
      sent(at);
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, sizeBytes - at), at);
      if (bytesRead === 0) throw new CommandError('The file became shorter while it was being sent. Upload it again.');
      try {
        at = await this.#patch(at, buffer.subarray(0, bytesRead));
        failures = 0;
      } catch (error) {
        if (error instanceof CommandError && error.status !== ExitStatus.unreachable) throw error;
        at = await this.#recover(error, failures++);
      }
    }
    sent(at);
  }

  /** Waits, then asks where to go on. */
  async #recover(error: unknown, failures: number): Promise<number> {
    const pause = RETRY_MS[failures];
    if (pause === undefined) throw error;
    await sleep(pause);
    return this.#where().catch((again: unknown) => {
      if (again instanceof CommandError && again.status !== ExitStatus.unreachable) throw again;
      return this.#recover(again, failures + 1);
    });
  }

  async #where(): Promise<number> {
    const offset = await this.offset();
    if (offset === undefined) throw new CommandError('The host no longer knows this upload. Upload the file again.', 1, 'image.missing');
    return offset;
  }

  async #patch(offset: number, piece: Uint8Array<ArrayBuffer>): Promise<number> {
    const response = await fetch(this.location, {
      method: 'PATCH',
      redirect: 'error',
      headers: { ...TUS, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      body: piece,
    });
    if (response.status === 409 || response.status === 423) return this.#where();
    if (response.status !== 204) throw await refusalIn(response);
    const next = Number(response.headers.get('upload-offset') ?? Number.NaN);
    return Number.isSafeInteger(next) ? next : offset + piece.length;
  }
}

/** tus answers with the failure's code as plain text. */
async function refusalIn(response: Response): Promise<Error> {
  const text = (
    await response
      .clone()
      .text()
      .catch(() => '')
  ).trim();
  const status = response.status >= 500 ? ExitStatus.unreachable : ExitStatus.failed;
  if (/^[a-z]+(-[a-z]+)*\.[a-z-]+$/.test(text))
    return new CommandError(`The host refused the upload (${text}). docs/errors.md explains it.`, status, text);
  return problemIn(response);
}
