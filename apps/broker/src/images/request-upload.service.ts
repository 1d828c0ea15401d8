import { failure, HOST_PATHS, type ImageId, ImageIdSchema, type UploadGrant, type UploadRequest } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { Hosts, viewersUrl } from '../hosts/host.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Placement } from '../machines/placement.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Tickets } from '../sessions/tickets.js';
import { type ImageRecord, Images, imageView } from './image.js';

/** The host must have made room before the browser's first byte arrives. */
const HOST_ANSWER_MS = 5_000;

/** Use case: a person may send one file of one size to one host, under a new image's id. */
@Injectable()
export class RequestUpload {
  constructor(
    private readonly transactions: Transactions,
    private readonly images: Images,
    private readonly hosts: Hosts,
    private readonly placement: Placement,
    private readonly commands: HostCommands,
    private readonly tickets: Tickets,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  async execute(ctx: RequestContext, request: UploadRequest): Promise<UploadGrant> {
    const everywhere = (await this.hosts.where({})).map(({ id }) => id);
    const hostId = await this.placement.choose(request.hostId ? [request.hostId] : everywhere, 0);
    const image: ImageRecord = {
      id: this.identifiers.next(ImageIdSchema),
      name: request.name,
      kind: request.kind,
      state: 'uploading',
      reason: null,
      reasonCode: null,
      sizeBytes: request.sizeBytes,
      receivedBytes: 0,
      sha256: request.sha256 ?? null,
      hostId,
      createdBy: ctx.userId,
      createdAt: this.clock.now(),
    };
    const command = await this.transactions.run(async () => {
      await this.images.save(image);
      await this.audit.record(
        ctx,
        'image.upload',
        { kind: 'image', id: image.id, name: image.name },
        { kind: image.kind, sizeBytes: image.sizeBytes },
      );
      this.changes.mark('image', image.id);
      return this.commands.queue(hostId, image.id, {
        action: 'expect-upload',
        imageId: image.id,
        kind: image.kind,
        sizeBytes: image.sizeBytes,
        sha256: image.sha256,
      });
    });
    await this.commands.finished(command.id, HOST_ANSWER_MS).catch(async (error: unknown) => {
      await this.images.remove(image.id);
      this.changes.gone('image', image.id);
      throw error;
    });
    return this.#grant(ctx, image);
  }

  async renew(ctx: RequestContext, imageId: ImageId): Promise<UploadGrant> {
    const image = await this.images.find(imageId);
    if (!image) throw failure('image.missing', undefined, { imageId });
    if (image.state !== 'uploading') throw failure('image.not-ready', 'The upload has ended already.', { imageId, state: image.state });
    return this.#grant(ctx, image);
  }

  async #grant(ctx: RequestContext, image: ImageRecord): Promise<UploadGrant> {
    const host = await this.placement.demandOnline(image.hostId);
    const issued = await this.tickets.issue({
      purpose: 'upload',
      rights: { view: false, control: false, admin: false },
      port: 0,
      subject: image.id,
      userId: ctx.userId!,
      hostId: host.id,
      sessionId: null,
      displayName: ctx.displayName,
    });
    return { ...issued, image: imageView(image), uploadUrl: viewersUrl(HOST_PATHS.uploads, host) };
  }
}
