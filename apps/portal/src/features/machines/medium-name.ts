import type { Image, Medium } from '@millwright/contracts';

/** What is in a drive: the image's name where it is known, or file and template. */
export function mediumName(medium: Medium, images: readonly Image[]): string {
  if (medium.from === 'template') return `${medium.templateId} / ${medium.file}`;
  return images.find(({ id }) => id === medium.imageId)?.name ?? medium.imageId;
}
