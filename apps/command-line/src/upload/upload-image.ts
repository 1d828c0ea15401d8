import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HostId, type Image, type ImageId, type ImageKind, MAX_IMAGE_BYTES, PlatformError } from '@millwright/contracts';
import type { BrokerClient } from '../broker/broker-client.js';
import { usage } from '../command-error.js';
import { bytes } from '../terminal/format.js';
import type { Output } from '../terminal/output.js';
import { TusUpload } from './tus-upload.js';
import { UploadMemory } from './upload-memory.js';

export interface UploadWish {
  readonly file: string;
  readonly name: string;
  readonly kindOf: (sizeBytes: number) => ImageKind;
  readonly hash: boolean;
  readonly hostId?: HostId;
}

const POLL_MS = 300;
/** A sector; the host takes nothing smaller. */
const MIN_BYTES = 512;

/** Sends a file and waits until the host has looked at it; goes on where an earlier attempt of the same file stopped. */
export async function uploadImage(client: BrokerClient, out: Output, folder: string, wish: UploadWish): Promise<Image> {
  const facts = await factsOf(wish.file);
  const memory = new UploadMemory(folder);
  const key = [client.url, resolve(wish.file), facts.size, facts.mtimeMs, wish.name, wish.hostId ?? ''].join('|');
  const known = memory.recall(key);
  const goesOn = known === undefined ? undefined : await resumable(client, known);
  const { imageId, location } = goesOn ?? (await begin(client, out, wish, facts));
  memory.remember(key, { imageId, location });
  if (goesOn) out.note('Going on with the upload that was interrupted.');
  await send(new TusUpload(new URL(location, client.url)), out, wish, facts.size);
  const checked = await waitForCheck(client, out, imageId);
  memory.forget(key);
  return checked;
}

async function factsOf(file: string): Promise<Stats> {
  const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw usage(`${file} cannot be read (${error.code}).`);
  });
  if (!facts.isFile()) throw usage(`${file} is not a file.`);
  if (facts.size < MIN_BYTES) throw usage(`${file} has ${facts.size} bytes: too small for an image.`);
  if (facts.size > MAX_IMAGE_BYTES)
    throw usage(`${file} has ${bytes(facts.size)}: larger than the ${bytes(MAX_IMAGE_BYTES)} that are allowed.`);
  return facts;
}

interface Place {
  readonly imageId: ImageId;
  readonly location: string;
}

/** The remembered place, if the broker still expects bytes there. */
async function resumable(client: BrokerClient, place: Place): Promise<Place | undefined> {
  try {
    const { state } = await client.call('getImage', { id: place.imageId });
    return state === 'uploading' && (await new TusUpload(new URL(place.location, client.url)).offset()) !== undefined ? place : undefined;
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'missing') return undefined;
    throw error;
  }
}

async function begin(client: BrokerClient, out: Output, wish: UploadWish, facts: Stats): Promise<Place> {
  const sha256 = wish.hash ? { sha256: await sha256Of(wish.file, facts.size, out) } : {};
  const host = wish.hostId === undefined ? {} : { hostId: wish.hostId };
  const { image, ticket, uploadUrl } = await client.call(
    'requestUpload',
    {},
    { name: wish.name, kind: wish.kindOf(facts.size), sizeBytes: facts.size, ...sha256, ...host },
  );
  return { imageId: image.id, location: await TusUpload.create(new URL(uploadUrl, client.url), ticket, facts.size) };
}

async function sha256Of(file: string, size: number, out: Output): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    done += piece.length;
    out.progress(`Reading ${Math.floor((done / size) * 100)} %`);
  }
  return hash.digest('hex');
}

async function send(upload: TusUpload, out: Output, { file }: UploadWish, size: number): Promise<void> {
  const handle = await open(file, 'r');
  const began = Date.now();
  try {
    await upload.send(handle, size, (done) => {
      const rate = done / Math.max(1, (Date.now() - began) / 1000);
      out.progress(`Sending ${Math.floor((done / size) * 100)} % of ${bytes(size)}, ${bytes(Math.round(rate))}/s`);
    });
  } finally {
    await handle.close();
  }
}

/** The image once it is `ready` or `refused`. */
async function waitForCheck(client: BrokerClient, out: Output, id: ImageId): Promise<Image> {
  for (;;) {
    const image = await client.call('getImage', { id });
    if (image.state === 'ready' || image.state === 'refused') return image;
    out.progress('The host checks it …');
    await sleep(POLL_MS);
  }
}
