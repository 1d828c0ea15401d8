import { CommandError, ExitStatus } from './exit-status.js';

/** Timers of Node hold 31 bits of milliseconds. */
const MOST_SECONDS = 2_000_000;

export function parseAddress(flag: string, text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new CommandError(ExitStatus.usage, `${flag} ${text}: give an address from 0 to 0xffffffff`);
  return value;
}

/** A whole number, decimal or hexadecimal. @throws CommandError */
export function parseCount(flag: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new CommandError(ExitStatus.usage, `${flag} ${text}: give a whole number from ${least} to ${most}`);
  return value;
}

/** Seconds, with a fraction if wanted. @throws CommandError */
export function parseSeconds(flag: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= MOST_SECONDS))
    throw new CommandError(ExitStatus.usage, `${flag} ${text}: give seconds, more than 0 and at most ${MOST_SECONDS}`);
  return value;
}
