export { openRawImage } from './images/raw.js';
export { type MediumOptions, mediumModule, open } from './open-medium.js';
export { type GenerationVolume, SECTOR_BYTES, type Volume, VolumeError } from './volume.js';
export { createOverlay, openOverlay } from './volumes/overlay.js';
