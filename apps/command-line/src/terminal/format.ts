import { usage } from '../command-error.js';

/** `2026-03-01 14:05` in the reader's time zone; `-` for never. */
export function moment(instant: string | null | undefined): string {
  if (!instant) return '-';
  const date = new Date(instant);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 MiB`; whole numbers without a fraction. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

export const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** A whole number within bounds. @throws CommandError */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < min || value > max) throw usage(`${name} ${text}: give a whole number from ${min} to ${max}.`);
  return value;
}

/** MiB of `256`, `256M` or `1G`. @throws CommandError */
export function memoryMiB(text: string): number {
  const match = /^(\d{1,5})\s*(?:(M|G)(?:i?B)?)?$/i.exec(text);
  if (!match) throw usage(`--memory ${text}: give MiB like 256, or a size like 256M or 1G.`);
  return Number(match[1]) * (match[2]?.toUpperCase() === 'G' ? 1024 : 1);
}

/** One of a list of words. @throws CommandError */
export function oneOf<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found === undefined) throw usage(`${name} ${text}: give one of ${words.join(', ')}.`);
  return found;
}
