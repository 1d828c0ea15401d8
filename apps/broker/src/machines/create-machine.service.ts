import {
  type CreateMachine as CreateMachineRequest,
  failure,
  type HostId,
  type ImageId,
  type ImageKind,
  MachineIdSchema,
  type MachineSpec,
  MachineSpecSchema,
  type Medium,
  type TemplateId,
} from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { Images } from '../images/image.js';
import { Clock } from '../platform/clock.js';
import { Identifiers } from '../platform/identifiers.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Templates } from '../templates/template.js';
import { applyCommand, type MachineRecord, Machines, NOBODY, want } from './machine.js';
import { Placement } from './placement.js';

const DEFAULT_MEMORY_MIB = 128;

/** Use case: a machine from a template or an uploaded image, placed where its source is. */
@Injectable()
export class CreateMachine {
  constructor(
    private readonly transactions: Transactions,
    private readonly machines: Machines,
    private readonly templates: Templates,
    private readonly images: Images,
    private readonly placement: Placement,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
    private readonly identifiers: Identifiers,
    private readonly clock: Clock,
  ) {}

  execute(ctx: RequestContext, request: CreateMachineRequest): Promise<MachineRecord> {
    return this.transactions.run(async () => {
      if ((await this.machines.where({ name: request.name, trashedAt: null })).length > 0) throw failure('machine.name-taken');
      const { source } = request;
      const origin = source.from === 'template' ? await this.#fromTemplate(source.templateId) : await this.#fromImage(source.imageId);
      const spec = MachineSpecSchema.parse({
        ...origin.spec,
        ...(request.memoryMiB === undefined ? {} : { memoryMiB: request.memoryMiB }),
        ...(request.cdrom ? { cdrom: request.cdrom } : {}),
        ...(request.floppy ? { floppy: request.floppy } : {}),
        ...(request.bootOrder ? { bootOrder: request.bootOrder } : {}),
      });
      const candidates = await this.#hostsWith(
        [request.cdrom, request.floppy],
        origin.hostIds.filter((id) => request.hostId === undefined || id === request.hostId),
      );
      const hostId = await this.placement.choose(candidates, request.start ? spec.memoryMiB : 0);
      const created: MachineRecord = {
        id: this.identifiers.next(MachineIdSchema),
        name: request.name,
        spec,
        templateId: origin.templateId,
        hostId,
        epoch: 1,
        wanted: 'stopped',
        generation: 1,
        condition: null,
        control: NOBODY,
        lastHandOver: null,
        createdBy: ctx.userId,
        createdAt: this.clock.now(),
        trashedAt: null,
      };
      const machine = request.start ? want(created, 'running') : created;
      await this.machines.save(machine);
      // A stopped machine is announced too, so that the host prepares its disks and reports it.
      await this.commands.queue(hostId, machine.id, applyCommand(machine));
      await this.audit.record(
        ctx,
        'machine.create',
        { kind: 'machine', id: machine.id, name: machine.name },
        { source, start: request.start },
      );
      this.changes.mark('machine', machine.id);
      return machine;
    });
  }

  async #fromTemplate(templateId: TemplateId) {
    const template = await this.templates.find(templateId);
    if (!template) throw failure('template.missing', undefined, { templateId });
    return { templateId, hostIds: template.hostIds, spec: { ...template.spec, memoryMiB: template.defaultMemoryMiB } as MachineSpec };
  }

  async #fromImage(imageId: ImageId) {
    const image = await this.images.find(imageId);
    if (!image) throw failure('image.missing', undefined, { imageId });
    if (image.state !== 'ready') throw failure('image.not-ready', undefined, { imageId, state: image.state });
    return { templateId: null, hostIds: [image.hostId], spec: specOfImage(imageId, image.kind) };
  }

  /** Uploaded images live on one host each. @throws image.missing, image.not-ready */
  async #hostsWith(media: readonly (Medium | undefined)[], candidates: readonly HostId[]): Promise<HostId[]> {
    let left = [...candidates];
    for (const medium of media) {
      if (medium?.from !== 'image') continue;
      const image = await this.images.find(medium.imageId);
      if (!image) throw failure('image.missing', undefined, { imageId: medium.imageId });
      if (image.state !== 'ready') throw failure('image.not-ready', undefined, { imageId: medium.imageId });
      left = left.filter((id) => id === image.hostId);
    }
    return left;
  }
}

/** A bare machine around one uploaded medium. */
export function specOfImage(imageId: ImageId, kind: ImageKind): MachineSpec {
  const medium = { from: 'image', imageId } as const;
  return MachineSpecSchema.parse({
    memoryMiB: DEFAULT_MEMORY_MIB,
    ...(kind === 'disk' ? { disks: [{ medium }] } : kind === 'cdrom' ? { cdrom: medium } : { floppy: medium }),
    bootOrder: kind === 'disk' ? ['disk', 'cdrom', 'floppy'] : kind === 'cdrom' ? ['cdrom', 'disk', 'floppy'] : ['floppy', 'disk', 'cdrom'],
  });
}

/** Whether a spec takes bytes from this image or template. */
export function uses(spec: MachineSpec, source: { readonly imageId: ImageId } | { readonly templateId: TemplateId }): boolean {
  const media = [...spec.disks.map((disk) => disk.medium), spec.cdrom, spec.floppy, spec.kernel, spec.initrd];
  return media.some((medium) => {
    if (medium?.from === 'image') return 'imageId' in source && medium.imageId === source.imageId;
    return medium?.from === 'template' && 'templateId' in source && medium.templateId === source.templateId;
  });
}
