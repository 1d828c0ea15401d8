'use client';
import { Box, Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { BrandMark } from '../shell/Brand';
import { Preferences } from '../shell/Preferences';

/** The page before the product: brand, one form, language and appearance. */
export function EntryCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const t = useTranslations('app');
  useDocumentTitle(`${title} · Millwright`);
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--mw-ground)">
      <Stack w="100%" maw={400} gap="lg">
        <Group justify="center" gap="sm">
          <BrandMark size={38} />
          <div>
            <Text fw={650} fz={22} lh={1.1}>
              {t('name')}
            </Text>
            <Text size="sm" c="dimmed">
              {t('tagline')}
            </Text>
          </div>
        </Group>
        <Paper withBorder p="lg" radius="md" shadow="xs">
          <Title order={1} mb="md">
            {title}
          </Title>
          {children}
        </Paper>
        <Box maw={300} w="100%" mx="auto">
          <Preferences />
        </Box>
      </Stack>
    </Center>
  );
}
