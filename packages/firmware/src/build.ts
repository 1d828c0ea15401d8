/* Build step: dist/bios.bin and dist/vgabios.bin. Runs as `node dist/build.js` after tsc. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assemble } from './assemble.js';
import { buildImages } from './images.js';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { bios, videoBios } = buildImages(fromHere('../src'), fromHere('./generated'), assemble);
writeFileSync(fromHere('./bios.bin'), bios);
writeFileSync(fromHere('./vgabios.bin'), videoBios);
