export const LOCALES = ['en', 'zh'] as const;
export type Locale = (typeof LOCALES)[number];
export const LOCALE_COOKIE = 'millwright-locale';
/** What a person chose is remembered this long. */
export const LOCALE_COOKIE_SECONDS = 365 * 24 * 3600;

/** Names of the languages in themselves, for the switch. */
export const LOCALE_NAMES: Readonly<Record<Locale, string>> = { en: 'English', zh: '中文' };
/** For `<html lang>` and Intl. */
export const LOCALE_TAGS: Readonly<Record<Locale, string>> = { en: 'en-GB', zh: 'zh-CN' };

/** The cookie's choice, else the first language of Accept-Language that we speak, else English. */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(cookie)) return cookie;
  for (const part of (acceptLanguage ?? '').split(',')) {
    const primary = part.trim().split(/[-;]/)[0]?.toLowerCase();
    if (isLocale(primary)) return primary;
  }
  return 'en';
}

function isLocale(text: string | undefined): text is Locale {
  return (LOCALES as readonly (string | undefined)[]).includes(text);
}
