#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/command-line/x86-vmm.js', import.meta.url);
if (!existsSync(entry)) {
  console.error('x86-vmm: run npm start or npm run build first');
  process.exit(2);
}
await import(entry.href);
