'use client';
import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { en } from './en';
import { LOCALE_COOKIE, LOCALE_COOKIE_SECONDS, LOCALE_TAGS, type Locale } from './locale';
import { zh } from './zh';

/** The shape is checked where `zh` is written; use-intl wants the literal type of the English one. */
const CATALOGUES: Readonly<Record<Locale, typeof en>> = { en, zh: zh as unknown as typeof en };

const LocaleContext = createContext<{ locale: Locale; choose(locale: Locale): void }>({ locale: 'en', choose() {} });

/** @param initial the server's choice from cookie and Accept-Language, so that the first paint is in the right language */
export function LocaleProvider({ initial, children }: { readonly initial: Locale; readonly children: ReactNode }) {
  const [locale, setLocale] = useState(initial);
  const router = useRouter();
  const value = useMemo(
    () => ({
      locale,
      choose(next: Locale) {
        // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser we support
        document.cookie = `${LOCALE_COOKIE}=${next}; path=/; max-age=${LOCALE_COOKIE_SECONDS}; samesite=lax`;
        document.documentElement.lang = LOCALE_TAGS[next];
        setLocale(next);
        router.refresh();
      },
    }),
    [locale, router],
  );
  const timeZone = typeof window === 'undefined' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <LocaleContext value={value}>
      <IntlProvider locale={locale} messages={CATALOGUES[locale]} timeZone={timeZone}>
        {children}
      </IntlProvider>
    </LocaleContext>
  );
}

export function useLocaleChoice() {
  return useContext(LocaleContext);
}
