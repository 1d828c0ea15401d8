import { access } from 'node:fs/promises';
import { openRawImage } from './images/raw.js';
import type { Volume } from './volume.js';
import { createOverlay, openOverlay } from './volumes/overlay.js';

/** How a machine's drive is backed. Paths come from the host program, never from a client. */
export interface MediumOptions {
  readonly image: string;
  /** Changes go here; made when it does not exist. Absent: the image itself is opened. */
  readonly overlay?: string;
  /** Only without an overlay. */
  readonly readOnly?: boolean;
}

/** Opens a medium; this module is what a machine's worker imports (`BackendSpec.module`). @throws VolumeError */
export async function open(options: MediumOptions): Promise<Volume> {
  if (options.overlay === undefined) return openRawImage(options.image, { readOnly: options.readOnly ?? false });
  const backing = await openRawImage(options.image, { readOnly: true });
  const exists = await access(options.overlay).then(
    () => true,
    () => false,
  );
  if (!exists) await createOverlay(options.overlay, backing);
  return openOverlay(options.overlay, backing);
}

/** URL for `BackendSpec.module`. */
export const mediumModule: string = import.meta.url;
