import { createHash } from 'node:crypto';
import { createReadStream, statfsSync } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  HOST_PATHS,
  type HostCommand,
  type ImageId,
  ImageIdSchema,
  type ImageReport,
  PlatformError,
  TICKET_SCHEME,
} from '@millwright/contracts';
import { FileStore } from '@tus/file-store';
import { Server as TusServer } from '@tus/server';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sendProblem } from '../displays/problem-response.js';
import type { TicketCheck } from '../displays/ticket-check.js';
import { checkImageFormat } from './image-format.js';

type ExpectUpload = Extract<HostCommand, { action: 'expect-upload' }>;

const RecordSchema = z.object({
  imageId: ImageIdSchema,
  kind: z.enum(['disk', 'cdrom', 'floppy']),
  sizeBytes: z.number().int(),
  expectedSha256: z.string().nullable(),
  state: z.enum(['uploading', 'checking', 'ready', 'refused']),
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
  sha256: z.string().nullable(),
});
type ImageRecord = z.infer<typeof RecordSchema>;

/** Bytes that an upload leaves free on the disk, so that machines and database go on. */
const RESERVE_BYTES = 1 << 30;
/** How often a growing upload is reported, ms. */
const REPORT_MS = 500;

/**
 * Images that people brought. An upload arrives (tus 1.0, resumable) in a quarantined file; only when its hash, size and format have
 * been checked does it become `<id>.img`, which machines may open.
 *
 *     uploading ──complete──► checking ──► ready
 *                                  └─────► refused (file removed)
 */
export class ImageStore {
  readonly #folder: string;
  readonly #quarantine: string;
  readonly #records = new Map<ImageId, ImageRecord>();
  readonly #received = new Map<ImageId, number>();
  readonly #tus: TusServer;
  readonly #reportedMs = new Map<ImageId, number>();

  constructor(
    dataFolder: string,
    private readonly tickets: TicketCheck,
    private readonly report: (report: ImageReport) => void,
    private readonly log: Logger,
  ) {
    this.#folder = join(dataFolder, 'images');
    this.#quarantine = join(this.#folder, 'quarantine');
    this.#tus = new TusServer({
      path: HOST_PATHS.uploads,
      datastore: new FileStore({ directory: this.#quarantine }),
      // The query says which host it is (HOST_PARAMETER): what follows must find it again.
      generateUrl: (request, { path, id }) => `${path}/${id}${new URL(request.url).search}`,
      getFileIdFromRequest: (request) => new URL(request.url).pathname.split('/').at(-1),
      allowedOrigins: [],
      disableTerminationForFinishedUploads: true,
      namingFunction: (request) => this.#nameOf(request.headers.get('authorization')),
      onUploadCreate: async (_request, upload) => {
        const record = this.#records.get(ImageIdSchema.parse(upload.id));
        if (!record || upload.size !== record.sizeBytes) throw tusRefusal(400, 'image.too-large');
        return {};
      },
      onUploadFinish: async (_request, upload) => {
        void this.check(ImageIdSchema.parse(upload.id)).catch((error: unknown) => this.log.error({ error }, 'checking an upload failed'));
        return {};
      },
    });
    this.#tus.on('POST_RECEIVE', (_request, upload) => this.#progress(ImageIdSchema.parse(upload.id), upload.offset));
  }

  async prepare(): Promise<void> {
    await mkdir(this.#quarantine, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith('.json')) continue;
      const parsed = RecordSchema.safeParse(JSON.parse(await readFile(join(this.#folder, name), 'utf8')));
      if (!parsed.success) continue;
      this.#records.set(parsed.data.imageId, parsed.data);
      const arrived = await stat(this.#quarantined(parsed.data.imageId)).catch(() => undefined);
      this.#received.set(parsed.data.imageId, parsed.data.state === 'ready' ? parsed.data.sizeBytes : (arrived?.size ?? 0));
      // The process died while it was checking, or between the last byte and the check.
      const isComplete = parsed.data.state === 'uploading' && arrived?.size === parsed.data.sizeBytes;
      if (parsed.data.state === 'checking' || isComplete) void this.check(parsed.data.imageId);
    }
  }

  reports(): ImageReport[] {
    return Array.from(this.#records.values(), (record) => this.#reportOf(record));
  }

  /** @throws PlatformError image.not-ready, image.missing */
  async fileOf(imageId: ImageId): Promise<string> {
    const record = this.#records.get(imageId);
    if (!record) throw new PlatformError('image.missing', 'missing', 'This host does not have the image.');
    if (record.state !== 'ready') throw new PlatformError('image.not-ready', 'conflict', 'The image is not ready.');
    return this.#ready(imageId);
  }

  /** Makes room for an upload. @throws PlatformError image.too-large */
  async expect(command: ExpectUpload): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#folder);
    if (command.sizeBytes + RESERVE_BYTES > bavail * bsize)
      throw new PlatformError('image.too-large', 'invalid', 'The host’s disk has no room for this image.');
    const { imageId, kind, sizeBytes, sha256 } = command;
    await this.#write({ imageId, kind, sizeBytes, expectedSha256: sha256, state: 'uploading', reason: null, sha256: null });
  }

  /** Looks at what arrived, and lets it in or throws it away. */
  async check(imageId: ImageId): Promise<void> {
    const record = this.#records.get(imageId);
    if (!record || record.state === 'ready' || record.state === 'refused') return;
    await this.#write({ ...record, state: 'checking' });
    const path = this.#quarantined(imageId);
    try {
      // An earlier process may have let it in, and died before it said so.
      if ((await exists(this.#ready(imageId))) && !(await exists(path))) {
        await this.#write({ ...record, state: 'ready', sha256: await sha256Of(this.#ready(imageId)) });
        return;
      }
      const { size } = await stat(path);
      if (size !== record.sizeBytes)
        throw new PlatformError('image.bad-format', 'invalid', `${size} bytes arrived instead of ${record.sizeBytes}.`);
      await checkImageFormat(path, record.kind);
      const sha256 = await sha256Of(path);
      if (record.expectedSha256 !== null && record.expectedSha256 !== sha256) {
        throw new PlatformError('image.hash-mismatch', 'invalid', 'The file arrived with another SHA-256 than announced. Upload it again.');
      }
      const file = await open(path, 'r');
      await file.sync();
      await file.close();
      await rename(path, this.#ready(imageId));
      await rm(`${path}.json`, { force: true });
      await this.#write({ ...record, state: 'ready', sha256 });
    } catch (error) {
      const known = error instanceof PlatformError;
      if (!known) this.log.error({ error, imageId }, 'an upload could not be checked');
      await rm(path, { force: true });
      await rm(`${path}.json`, { force: true });
      const reason = { code: known ? error.code : 'platform.defect', message: known ? error.message : 'The image could not be checked.' };
      await this.#write({ ...record, state: 'refused', reason });
    }
  }

  async delete(imageId: ImageId): Promise<void> {
    for (const path of [this.#ready(imageId), this.#quarantined(imageId), `${this.#quarantined(imageId)}.json`, this.#recordPath(imageId)])
      await rm(path, { force: true });
    this.#records.delete(imageId);
    this.#received.delete(imageId);
  }

  /** Serves tus requests; false for any other path. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path !== HOST_PATHS.uploads && !path.startsWith(`${HOST_PATHS.uploads}/`)) return false;
    this.#tus.handle(request, response).catch((error: unknown) => sendProblem(response, error, this.log));
    return true;
  }

  /** A creation needs a ticket; the upload's name is unguessable and ends in the image's id. */
  async #nameOf(authorization: string | null): Promise<string> {
    const [scheme, ticket] = (authorization ?? '').split(' ');
    if (scheme !== TICKET_SCHEME || !ticket) throw tusRefusal(401, 'ticket.refused');
    const claims = await this.tickets.redeem(ticket, 'upload').catch((error: unknown) => {
      throw tusRefusal(401, error instanceof PlatformError ? error.code : 'ticket.refused');
    });
    const imageId = ImageIdSchema.parse(claims.subject);
    if (this.#records.get(imageId)?.state !== 'uploading') throw tusRefusal(409, 'image.not-ready');
    return imageId;
  }

  #progress(imageId: ImageId, bytes: number): void {
    this.#received.set(imageId, bytes);
    const now = Date.now();
    const record = this.#records.get(imageId);
    if (!record || now - (this.#reportedMs.get(imageId) ?? 0) < REPORT_MS) return;
    this.#reportedMs.set(imageId, now);
    this.report(this.#reportOf(record));
  }

  #reportOf({ imageId, state, reason, sha256, sizeBytes }: ImageRecord): ImageReport {
    const receivedBytes = state === 'uploading' ? (this.#received.get(imageId) ?? 0) : sizeBytes;
    return { imageId, state, reason, receivedBytes, sha256 };
  }

  async #write(record: ImageRecord): Promise<void> {
    const path = this.#recordPath(record.imageId);
    const file = await open(`${path}.partial`, 'w', 0o600);
    await file.writeFile(JSON.stringify(record));
    await file.sync();
    await file.close();
    await rename(`${path}.partial`, path);
    this.#records.set(record.imageId, record);
    this.report(this.#reportOf(record));
  }

  #recordPath(imageId: ImageId): string {
    return join(this.#folder, `${imageId}.json`);
  }
  #ready(imageId: ImageId): string {
    return join(this.#folder, `${imageId}.img`);
  }
  #quarantined(imageId: ImageId): string {
    return join(this.#quarantine, imageId);
  }
}

/** The shape that the tus server turns into a response. */
function tusRefusal(status: number, code: string): { status_code: number; body: string } {
  return { status_code: status, body: `${code}\n` };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
