import { type ClientRequest, request } from 'node:http';
import { TICKET_SCHEME } from '@millwright/contracts';

const TUS = { 'tus-resumable': '1.0.0' } as const;

/** One resumable upload (tus 1.0.0), a request at a time, so that a test can break off in the middle of one. */
export class Upload {
  private constructor(
    private readonly location: URL,
    private readonly bytes: Buffer,
  ) {}

  static async create(endpoint: URL, ticket: string, bytes: Buffer): Promise<Upload> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { ...TUS, authorization: `${TICKET_SCHEME} ${ticket}`, 'upload-length': String(bytes.length) },
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status !== 201) throw new Error(`the upload was refused: ${response.status} ${await response.text()}`);
    const { pathname, search } = new URL(response.headers.get('location')!, endpoint);
    return new Upload(new URL(pathname + search, endpoint), bytes);
  }

  /** Bytes that the host has. */
  async offset(): Promise<number> {
    const response = await fetch(this.location, { method: 'HEAD', headers: TUS, signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`the upload's offset is not to be had: ${response.status}`);
    return Number(response.headers.get('upload-offset'));
  }

  /** Begins to send everything from `offset` on, but holds the part after `heldFrom` back until `rest` is called. */
  send(offset: number, heldFrom = this.bytes.length): { rest(): void; readonly done: Promise<number> } {
    const patch: ClientRequest = request(this.location, {
      method: 'PATCH',
      headers: {
        ...TUS,
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
        'content-length': this.bytes.length - offset,
      },
    });
    const done = new Promise<number>((resolve, reject) => {
      patch.once('response', (response) => {
        response.resume();
        if (response.statusCode === 204) resolve(Number(response.headers['upload-offset']));
        else reject(new Error(`the piece was refused: ${response.statusCode}`));
      });
      patch.once('error', reject);
    });
    done.catch(() => {});
    patch.write(this.bytes.subarray(offset, heldFrom));
    const rest = (): void => void patch.end(this.bytes.subarray(heldFrom));
    if (heldFrom === this.bytes.length) rest();
    return { rest, done };
  }
}
