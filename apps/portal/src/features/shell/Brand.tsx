import { Group, Text } from '@mantine/core';
import Link from 'next/link';

export function Brand() {
  return (
    <Link href="/" aria-label="Millwright" style={{ textDecoration: 'none', color: 'inherit' }}>
      <Group gap={9} wrap="nowrap">
        <BrandMark size={26} />
        <Text fw={650} size="md" lh={1} visibleFrom="xs">
          Millwright
        </Text>
      </Group>
    </Link>
  );
}

export function BrandMark({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="#146387" />
      <path d="M16 6l8.7 5v10L16 26l-8.7-5V11z" fill="none" stroke="#fff" strokeWidth="2.2" strokeLinejoin="round" />
      <path d="M11 20v-7l5 4 5-4v7" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
