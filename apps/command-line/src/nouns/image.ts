import { basename } from 'node:path';
import { guessImageKind, type Image, ImageKindSchema } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { configFolder } from '../broker/credentials.js';
import { findNamed } from '../broker/find.js';
import { CommandError } from '../command-error.js';
import { bytes, moment, oneOf } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { uploadImage } from '../upload/upload-image.js';
import { findHost } from './hosts.js';

export const findImage = async (client: BrokerClient, name: string): Promise<Image> =>
  findNamed('image', await client.list('listImages'), name, 'mw image list');

interface UploadOptions {
  readonly kind?: string;
  readonly name?: string;
  readonly host?: string;
  readonly hash: boolean;
}

export const image: Noun = (program, tools) => {
  const noun = program.command('image').alias('images').description('Disks, CDs and floppies that people brought.');

  noun
    .command('list')
    .description('All images.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listImages');
      const rows = items.map((each) => [each.name, each.kind, progressOf(each), bytes(each.sizeBytes), moment(each.createdAt), each.id]);
      out.result({ items, nextCursor: null }, textTable(['NAME', 'KIND', 'STATE', 'SIZE', 'SINCE', 'ID'], rows));
    });

  noun
    .command('upload <file>')
    .description('Send a raw disk, an ISO or a floppy image; a broken upload goes on where it stopped when the command is repeated.')
    .option('--kind <kind>', `${ImageKindSchema.options.join(', ')} (default: by the file's name and size)`)
    .option('--name <name>', 'what to call it (default: the file’s name)')
    .option('--host <host>', 'where to keep it (default: chosen)')
    .option('--no-hash', 'do not compute the SHA-256 that the host compares')
    .action(async (file: string, options: UploadOptions) => {
      const { client, out, around } = tools();
      const sent = await uploadImage(client, out, configFolder(around.env), {
        file,
        name: options.name ?? basename(file).slice(0, 63),
        kindOf: (sizeBytes) =>
          options.kind === undefined ? guessImageKind(basename(file), sizeBytes) : oneOf('--kind', options.kind, ImageKindSchema.options),
        hash: options.hash,
        ...(options.host === undefined ? {} : { hostId: (await findHost(client, options.host)).id }),
      });
      if (sent.state === 'refused')
        throw new CommandError(`${file} was refused: ${sent.reason ?? 'no reason given'}`, 1, 'image.bad-format');
      out.result(
        sent,
        `Image ${sent.name} is ready (${sent.kind}, ${bytes(sent.sizeBytes)}). mw machine create <name> --image ${sent.id} makes a machine of it.`,
      );
    });

  noun
    .command('rename <image> <name>')
    .description('Call an image something else.')
    .action(async (old: string, name: string) => {
      const { client, out } = tools();
      const { id } = await findImage(client, old);
      const changed = await client.call('updateImage', { id }, { name });
      out.result(changed, `The image is called ${changed.name}.`);
    });

  noun
    .command('delete <image>')
    .description('Remove an image that no machine uses.')
    .action(async (name: string) => {
      const { client, out } = tools();
      const found = await findImage(client, name);
      await client.call('deleteImage', { id: found.id });
      out.result({ id: found.id }, `Image ${found.name} is gone.`);
    });
};

function progressOf({ state, receivedBytes, sizeBytes, reason }: Image): string {
  if (state === 'uploading') return `uploading ${Math.floor((receivedBytes / sizeBytes) * 100)} %`;
  return state === 'refused' && reason !== null ? `refused: ${reason}` : state;
}
