import { fileURLToPath } from 'node:url';

export { type BitRegister, type HoldingRegister, line3RegisterMap, type WordRegister } from './register-map.js';
export { line3Screen, type ScreenPoint } from './screen-map.js';

/** Absolute path of the raw disk image (1.44 MB; boots as a hard disk or diskette). `npm run build` makes it. */
export function line3DiskImage(): string {
  return fileURLToPath(new URL('./line3-mixing.img', import.meta.url));
}
