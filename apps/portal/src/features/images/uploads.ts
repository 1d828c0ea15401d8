'use client';
import {
  errorOfProblem,
  FAILURE_CODES,
  type FailureCode,
  type FailureReport,
  failure,
  type Image,
  type ImageId,
  PlatformError,
  TICKET_SCHEME,
  type UploadGrant,
  type UploadRequest,
} from '@millwright/contracts';
import { useSyncExternalStore } from 'react';
import { type DetailedError, Upload } from 'tus-js-client';
import { callBroker } from '../../platform/broker-client';

/** Each request carries at most this: a proxy's limits and a cut line then cost little. */
const CHUNK_BYTES = 64 * 2 ** 20;
/** After a cut the upload goes on by itself; then the person is asked. */
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000];
/** The rate shown is a mean over about this long. */
const RATE_WINDOW_MS = 5_000;

export interface UploadView {
  readonly imageId: ImageId;
  readonly name: string;
  readonly state: 'running' | 'paused' | 'failed';
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number | undefined;
  readonly error: FailureReport | undefined;
}

interface ActiveUpload {
  view: UploadView;
  readonly tus: Upload;
  readonly marks: { readonly atMs: number; readonly bytes: number }[];
}

/**
 * Uploads of this page. They go on while the person looks at other pages; after a reload the same file continues
 * where it stopped (the upload's address is kept in the browser).
 */
class Uploads {
  readonly #active = new Map<ImageId, ActiveUpload>();
  readonly #listeners = new Set<() => void>();
  #snapshot: readonly UploadView[] = [];

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  readonly snapshot = (): readonly UploadView[] => this.#snapshot;

  async begin(file: File, request: Omit<UploadRequest, 'sizeBytes'>, onArrived: (name: string) => void): Promise<Image> {
    const grant = await callBroker('requestUpload', { body: { ...request, sizeBytes: file.size } });
    await this.#start(file, grant, onArrived);
    return grant.image;
  }

  /** Goes on with an upload that a reload or another page left behind. The file must have the announced size. */
  async continueWith(file: File, image: Image, onArrived: (name: string) => void): Promise<void> {
    await this.#start(file, await callBroker('renewUpload', { path: { id: image.id } }), onArrived);
  }

  pause(imageId: ImageId): void {
    const upload = this.#active.get(imageId);
    void upload?.tus.abort();
    this.#change(imageId, { state: 'paused', bytesPerSecond: undefined });
  }

  resume(imageId: ImageId): void {
    this.#change(imageId, { state: 'running', error: undefined });
    this.#active.get(imageId)?.tus.start();
  }

  /** Stops sending; the image's record is deleted by the caller. */
  drop(imageId: ImageId): void {
    void this.#active.get(imageId)?.tus.abort();
    this.#active.delete(imageId);
    this.#tell();
  }

  async #start(file: File, grant: UploadGrant, onArrived: (name: string) => void): Promise<void> {
    const { image } = grant;
    let ticket: string | undefined = grant.ticket;
    const tus = new Upload(file, {
      endpoint: grant.uploadUrl,
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS_MS,
      fingerprint: () => Promise.resolve(`millwright-${image.id}`),
      removeFingerprintOnSuccess: true,
      // Only the creation needs a ticket, and each ticket is good once.
      onBeforeRequest: async (request) => {
        if (request.getMethod() !== 'POST') return;
        const fresh = ticket ?? (await callBroker('renewUpload', { path: { id: image.id } })).ticket;
        ticket = undefined;
        request.setHeader('Authorization', `${TICKET_SCHEME} ${fresh}`);
      },
      onProgress: (sentBytes, totalBytes) => this.#progress(image.id, sentBytes, totalBytes),
      onError: (error) => this.#change(image.id, { state: 'failed', error: reasonOf(error), bytesPerSecond: undefined }),
      onSuccess: () => {
        this.#active.delete(image.id);
        this.#tell();
        onArrived(image.name);
      },
    });
    this.#active.set(image.id, {
      view: {
        imageId: image.id,
        name: image.name,
        state: 'running',
        sentBytes: 0,
        totalBytes: file.size,
        bytesPerSecond: undefined,
        error: undefined,
      },
      tus,
      marks: [],
    });
    this.#tell();
    const [previous] = await tus.findPreviousUploads();
    if (previous) tus.resumeFromPreviousUpload(previous);
    tus.start();
  }

  #progress(imageId: ImageId, sentBytes: number, totalBytes: number): void {
    const upload = this.#active.get(imageId);
    if (!upload) return;
    const atMs = performance.now();
    upload.marks.push({ atMs, bytes: sentBytes });
    while (upload.marks.length > 2 && atMs - upload.marks[0]!.atMs > RATE_WINDOW_MS) upload.marks.shift();
    const first = upload.marks[0]!;
    const elapsedMs = atMs - first.atMs;
    this.#change(imageId, {
      sentBytes,
      totalBytes,
      bytesPerSecond: elapsedMs > 500 ? ((sentBytes - first.bytes) * 1000) / elapsedMs : upload.view.bytesPerSecond,
    });
  }

  #change(imageId: ImageId, change: Partial<UploadView>): void {
    const upload = this.#active.get(imageId);
    if (!upload) return;
    upload.view = { ...upload.view, ...change };
    this.#tell();
  }

  #tell(): void {
    this.#snapshot = [...this.#active.values()].map(({ view }) => view);
    const isSending = this.#snapshot.some(({ state }) => state === 'running');
    window[isSending ? 'addEventListener' : 'removeEventListener']('beforeunload', askBeforeLeaving);
    for (const listener of this.#listeners) listener();
  }
}

export const uploads = new Uploads();

const NONE: readonly UploadView[] = [];
export function useUploads(): readonly UploadView[] {
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot, () => NONE);
}

/** Leaving the page stops what is being sent; the browser asks in its own words. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** Why an upload stopped: a refusal by its code, else that the line was cut (what tus says is for programmers). */
function reasonOf(error: Error | DetailedError): FailureReport {
  const cause = 'causingError' in error ? error.causingError : undefined;
  if (cause instanceof PlatformError) return { code: cause.code, message: cause.message };
  const body = ('originalResponse' in error ? error.originalResponse?.getBody() : undefined)?.trim() ?? '';
  if (Object.hasOwn(FAILURE_CODES, body)) return { code: body, message: FAILURE_CODES[body as FailureCode].message };
  const { code, message } = errorOfProblem(parsed(body)) ?? failure('platform.unavailable');
  return { code, message };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
