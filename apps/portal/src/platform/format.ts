import { useFormatter, useLocale, useNow } from 'use-intl';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** How often relative times are brought up to date. */
const NOW_EVERY_MS = 30_000;
const CLOCK_SKEW_MS = 10_000;

/** `1536` → `1.5 KiB`: powers of 1024, at most three digits, in the locale's notation. */
export function formatBytes(bytes: number, locale: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit]}`;
}

/** Formats of the current language. */
export function useFormat() {
  const format = useFormatter();
  const locale = useLocale();
  const now = useNow({ updateInterval: NOW_EVERY_MS });
  return {
    bytes: (bytes: number) => formatBytes(bytes, locale),
    mebibytes: (mebibytes: number) => formatBytes(mebibytes * 2 ** 20, locale),
    instant: (instant: string) => format.dateTime(new Date(instant), { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }),
    /** `5 minutes ago`, `in 3 days`. */
    relative: (instant: string) => {
      const at = new Date(instant);
      const aheadMs = at.getTime() - now.getTime();
      // What came since our `now` was taken, or from a clock that runs a little ahead of ours, is not the future.
      return format.relativeTime(aheadMs > -CLOCK_SKEW_MS && aheadMs < NOW_EVERY_MS + CLOCK_SKEW_MS ? now : at, now);
    },
    percent: (percent: number) => format.number(percent / 100, { style: 'percent', maximumFractionDigits: 0 }),
    number: (value: number, fractionDigits = 0) => format.number(value, { maximumFractionDigits: fractionDigits }),
    milliseconds: (ms: number) => `${format.number(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`,
    duration: (seconds: number) => formatDuration(seconds, locale),
  };
}

/** `1 h 5 min`, `40 s`: the two largest units. */
export function formatDuration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    { unit: 'hour', value: Math.floor(whole / 3600) },
    { unit: 'minute', value: Math.floor((whole % 3600) / 60) },
    { unit: 'second', value: whole % 60 },
  ] as const;
  const first = parts.findIndex(({ value }) => value > 0);
  const shown = first < 0 ? parts.slice(2) : parts.slice(first, first + 2).filter(({ value }, i) => i === 0 || value > 0);
  return shown
    .map(({ unit, value }) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value))
    .join(' ');
}
