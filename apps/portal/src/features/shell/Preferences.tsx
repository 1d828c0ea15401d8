'use client';
import { SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { useLocaleChoice } from '../../platform/i18n/LocaleProvider';
import { LOCALE_NAMES, LOCALES } from '../../platform/i18n/locale';

/** Language and appearance; both are remembered by this browser. */
export function Preferences() {
  const t = useTranslations('app');
  const { locale, choose } = useLocaleChoice();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [languageId, schemeId] = [useId(), useId()];
  return (
    <Stack gap="xs">
      <div>
        <Text size="xs" c="dimmed" id={languageId} mb={4}>
          {t('language')}
        </Text>
        <SegmentedControl
          aria-labelledby={languageId}
          fullWidth
          size="xs"
          value={locale}
          onChange={(value) => choose(value as typeof locale)}
          data={LOCALES.map((value) => ({ value, label: LOCALE_NAMES[value] }))}
        />
      </div>
      <div>
        <Text size="xs" c="dimmed" id={schemeId} mb={4}>
          {t('colorScheme')}
        </Text>
        <SegmentedControl
          aria-labelledby={schemeId}
          fullWidth
          size="xs"
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={[
            { value: 'auto', label: t('schemeAuto') },
            { value: 'light', label: t('schemeLight') },
            { value: 'dark', label: t('schemeDark') },
          ]}
        />
      </div>
    </Stack>
  );
}
