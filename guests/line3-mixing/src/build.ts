/* Build step: dist/line3-mixing.img. Runs as `node dist/build.js` after tsc. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assembleWithOurs } from './assemble.js';
import { buildImage } from './image.js';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
writeFileSync(fromHere('./line3-mixing.img'), buildImage(fromHere('../asm'), assembleWithOurs));
