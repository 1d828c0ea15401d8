import type { Writable } from 'node:stream';
import type { Command } from 'commander';
import { BrokerClient } from './broker/broker-client.js';
import { targetOf } from './broker/credentials.js';
import { Output } from './terminal/output.js';
import { type Input, Prompt } from './terminal/prompt.js';

/** The world around one run of `mw`; a test hands in another. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Input;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** What every command works with. */
export interface Tools {
  readonly around: Surroundings;
  readonly out: Output;
  readonly client: BrokerClient;
  readonly prompt: Prompt;
}

/** Made when the command runs: only then are the options known. */
export function toolsOf(program: Command, around: Surroundings): Tools {
  const { json, url } = program.opts<{ json?: boolean; url?: string }>();
  const target = targetOf(around.env, url);
  return {
    around,
    out: new Output(json ?? false, around.stdout, around.stderr),
    client: new BrokerClient(target.url, target.token),
    prompt: new Prompt(around.stdin, around.stderr),
  };
}

/** Adds the commands of one noun. */
export type Noun = (program: Command, tools: () => Tools) => void;
