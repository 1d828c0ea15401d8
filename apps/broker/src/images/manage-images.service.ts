import { failure, type Image, type ImageId } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { Changes } from '../events/changes.js';
import { HostCommands } from '../hosts/host-commands.js';
import { uses } from '../machines/create-machine.service.js';
import { Machines } from '../machines/machine.js';
import type { RequestContext } from '../platform/request-context.js';
import { Transactions } from '../platform/transactions.js';
import { Images, imageView } from './image.js';

/** Use cases of the image list: rename, delete (also ends an upload). */
@Injectable()
export class ManageImages {
  constructor(
    private readonly transactions: Transactions,
    private readonly images: Images,
    private readonly machines: Machines,
    private readonly commands: HostCommands,
    private readonly audit: Audit,
    private readonly changes: Changes,
  ) {}

  rename(ctx: RequestContext, imageId: ImageId, name: string): Promise<Image> {
    return this.transactions.run(async () => {
      const image = await this.images.lock(imageId);
      if (!image) throw failure('image.missing', undefined, { imageId });
      const changed = { ...image, name };
      await this.images.save(changed);
      await this.audit.record(ctx, 'image.rename', { kind: 'image', id: imageId, name: image.name }, { name });
      this.changes.mark('image', imageId);
      return imageView(changed);
    });
  }

  remove(ctx: RequestContext, imageId: ImageId): Promise<void> {
    return this.transactions.run(async () => {
      const image = await this.images.lock(imageId);
      if (!image) throw failure('image.missing', undefined, { imageId });
      const users = (await this.machines.where({})).filter((machine) => uses(machine.spec, { imageId }));
      if (users.length > 0)
        throw failure('image.in-use', `Machines still use this image: ${users.map(({ name }) => name).join(', ')}. Delete them first.`, {
          imageId,
        });
      await this.images.remove(imageId);
      await this.commands.queue(image.hostId, imageId, { action: 'delete-image', imageId });
      await this.audit.record(ctx, 'image.delete', { kind: 'image', id: imageId, name: image.name });
      this.changes.gone('image', imageId);
    });
  }
}
