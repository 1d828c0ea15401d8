import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { generateInterpreter } from './generate.js';
import { GENERATED_FILE } from './interpreter-module.js';

/* Last step of the package's build: generates the interpreter, so that a machine need not. */
writeFileSync(GENERATED_FILE, serialize(generateInterpreter()));
