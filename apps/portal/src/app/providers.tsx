'use client';
import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { LocaleProvider } from '../platform/i18n/LocaleProvider';
import type { Locale } from '../platform/i18n/locale';
import { createQueryClient } from '../platform/queries';
import { cssVariables, theme } from '../ui/theme';

export function Providers({
  locale,
  nonce,
  children,
}: {
  readonly locale: Locale;
  readonly nonce: string | undefined;
  readonly children: ReactNode;
}) {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
      <QueryClientProvider client={client}>
        <LocaleProvider initial={locale}>
          <ModalsProvider>
            <Notifications position="bottom-right" limit={4} />
            {children}
          </ModalsProvider>
        </LocaleProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
