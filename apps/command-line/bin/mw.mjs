#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/main.js', import.meta.url);
if (!existsSync(entry)) {
  console.error('mw: run npm start or npm run build first');
  process.exit(2);
}
await import(entry.href);
