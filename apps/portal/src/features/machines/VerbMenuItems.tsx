'use client';
import { Menu } from '@mantine/core';
import type { MachineVerb } from '@millwright/contracts';
import { useTranslations } from 'use-intl';
import type { Operable } from './machine-state';
import { DANGEROUS_VERBS, VERB_ICONS } from './machine-verbs';

/** `Start` of a machine with a saved state resumes it, and says so. */
export function useVerbLabel(): (verb: MachineVerb, machine: Operable) => string {
  const t = useTranslations('verbs');
  return (verb, machine) =>
    verb === 'start' && (machine.state === 'saved' || machine.condition?.hasSavedState) ? t('startSaved') : t(verb);
}

export function VerbMenuItems({
  machine,
  verbs,
  operate,
}: {
  readonly machine: Operable;
  readonly verbs: readonly MachineVerb[];
  readonly operate: (verb: MachineVerb) => void;
}) {
  const label = useVerbLabel();
  return verbs.map((verb) => {
    const Icon = VERB_ICONS[verb];
    const isDangerous = DANGEROUS_VERBS.includes(verb);
    return (
      <Menu.Item
        key={verb}
        leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
        onClick={() => operate(verb)}
        styles={isDangerous ? { item: { color: 'var(--mw-bad)' } } : {}}
      >
        {label(verb, machine)}
      </Menu.Item>
    );
  });
}
