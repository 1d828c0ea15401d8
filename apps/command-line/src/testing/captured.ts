import { PassThrough, Writable } from 'node:stream';
import type { Surroundings } from '../tools.js';

/** Surroundings whose output a test reads. */
export interface Captured extends Surroundings {
  readonly said: { out: string; err: string };
}

export function captured(env: NodeJS.ProcessEnv = {}, input = ''): Captured {
  const said = { out: '', err: '' };
  const into = (key: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        said[key] += String(chunk);
        done();
      },
    });
  const stdin = new PassThrough();
  stdin.end(input);
  return { env, stdin, stdout: into('out'), stderr: into('err'), said };
}
