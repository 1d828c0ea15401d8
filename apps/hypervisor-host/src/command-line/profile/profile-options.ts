import { extname } from 'node:path';
import { LEAST_PROFILE_PERIOD, MOST_PROFILE_PERIOD } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from '../exit-status.js';
import { parseCount } from '../parse-number.js';
import type { RunOptions } from '../run-options.js';
import { PROFILE_FORMATS } from './profile-formats.js';

/** Instructions between two samples: a sample takes some microseconds, so many instructions a tenth of a millisecond and more. */
const DEFAULT_PERIOD = 200_000;
/** What `MachineSpec.profile` is to be; undefined without --profile. @throws CommandError */
export function profileSpecOf(options: RunOptions): { readonly periodInstructions: number } | undefined {
  const refuse = (why: string): never => {
    throw new CommandError(ExitStatus.usage, why);
  };
  const { profile, profilePeriod, profileSymbols } = options;
  if (profile === undefined) {
    if (profilePeriod !== undefined) refuse('--profile-period: needs --profile');
    if (profileSymbols !== undefined) refuse('--profile-symbols: needs --profile');
    return undefined;
  }
  if (!Object.hasOwn(PROFILE_FORMATS, extname(profile)))
    refuse(`--profile ${profile}: give a file that ends in ${Object.keys(PROFILE_FORMATS).join(', ')}`);
  if (options.steps !== undefined) refuse('--profile: not together with --steps, which runs single instructions');
  if (options.lockstep !== undefined) refuse('--profile: not together with --lockstep');
  const period =
    profilePeriod === undefined ? DEFAULT_PERIOD : parseCount('--profile-period', profilePeriod, LEAST_PROFILE_PERIOD, MOST_PROFILE_PERIOD);
  return { periodInstructions: period };
}
