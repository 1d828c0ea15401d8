import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageIdSchema } from '@millwright/contracts';
import { z } from 'zod';
import { writePrivate } from '../broker/credentials.js';

const PlaceSchema = z.object({ imageId: ImageIdSchema, location: z.string() });
const MemorySchema = z.array(z.tuple([z.string(), PlaceSchema]));
export type UploadPlace = z.infer<typeof PlaceSchema>;

/** Unfinished uploads that are remembered; older ones are forgotten. */
const MAX_REMEMBERED = 50;

/** Where unfinished uploads stand, over runs of `mw`. The location of an upload is a secret, so the file is private. */
export class UploadMemory {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, 'uploads.json');
  }

  recall(key: string): UploadPlace | undefined {
    return this.#read().get(key);
  }

  remember(key: string, place: UploadPlace): void {
    const all = this.#read();
    all.delete(key);
    all.set(key, place);
    this.#write(all);
  }

  forget(key: string): void {
    const all = this.#read();
    if (all.delete(key)) this.#write(all);
  }

  #read(): Map<string, UploadPlace> {
    try {
      return new Map(MemorySchema.parse(JSON.parse(readFileSync(this.#path, 'utf8'))));
    } catch {
      return new Map();
    }
  }

  #write(all: ReadonlyMap<string, UploadPlace>): void {
    writePrivate(this.#path, JSON.stringify([...all].slice(-MAX_REMEMBERED)));
  }
}
