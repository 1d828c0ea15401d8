'use client';
import type { MachineState } from '@millwright/contracts';
import { useTranslations } from 'use-intl';
import { StateBadge } from '../../ui/StateBadge';
import { STATE_LOOKS } from './machine-state';

export function MachineStateBadge({ state }: { readonly state: MachineState }) {
  const t = useTranslations('states');
  const { tone, isTransition } = STATE_LOOKS[state];
  return <StateBadge tone={tone} pulse={isTransition} label={t(state)} />;
}
