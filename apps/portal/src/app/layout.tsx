import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '../ui/tokens.css';
import '../screen/screen.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { chooseLocale, LOCALE_COOKIE, LOCALE_TAGS } from '../platform/i18n/locale';
import { Providers } from './providers';

export const metadata: Metadata = { title: 'Millwright', description: 'Virtual desktops for the plant floor' };
export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#1b232c' },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const [jar, head] = [await cookies(), await headers()];
  const locale = chooseLocale(jar.get(LOCALE_COOKIE)?.value, head.get('accept-language'));
  const nonce = head.get('x-nonce') ?? undefined;
  return (
    <html lang={LOCALE_TAGS[locale]} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <Providers locale={locale} nonce={nonce}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
