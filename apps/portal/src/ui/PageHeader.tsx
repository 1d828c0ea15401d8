'use client';
import { Box, Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Title of a page, one line of explanation, and its main actions. */
export function PageHeader({
  title,
  hint,
  before,
  actions,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly before?: ReactNode;
  readonly actions?: ReactNode;
}) {
  useDocumentTitle(`${title} · Millwright`);
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <Box miw={0} flex="1 1 260px">
        {before}
        <Title order={1}>{title}</Title>
        {hint && (
          <Text c="dimmed" size="sm">
            {hint}
          </Text>
        )}
      </Box>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
