'use client';
import { ActionIcon, Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import type { Desktop, MachineVerb } from '@millwright/contracts';
import { IconDots, IconMaximize, IconUser } from '@tabler/icons-react';
import Link from 'next/link';
import { useLocale, useTranslations } from 'use-intl';
import { useFormat } from '../../platform/format';
import { failureText } from '../../platform/i18n/failure-texts';
import { useSignedIn } from '../../platform/session';
import { useControlWords } from '../machines/control-words';
import { MachineStateBadge } from '../machines/MachineStateBadge';
import { MachineThumbnail } from '../machines/MachineThumbnail';
import { STATE_LOOKS, verbsFor } from '../machines/machine-state';
import { VERB_ICONS } from '../machines/machine-verbs';
import { useOperate } from '../machines/use-operate';
import { useVerbLabel, VerbMenuItems } from '../machines/VerbMenuItems';
import { screenPath } from './screen-path';

/** What this person may ask of a desktop of theirs. */
export function useDesktopVerbs(desktop: Desktop): readonly MachineVerb[] {
  const { may } = useSignedIn();
  const operate = may('machine:operate') || (desktop.mine && may('desktop:operate-own'));
  const start = operate || (desktop.mine && may('desktop:start-own'));
  return verbsFor(desktop).filter((verb) => (verb === 'start' || verb === 'resume' ? start : operate));
}

/** One desktop: live picture, state, who is there, and the next sensible thing to do. */
export function DesktopCard({ desktop }: { readonly desktop: Desktop }) {
  const t = useTranslations('desktops');
  const common = useTranslations('common');
  const locale = useLocale();
  const format = useFormat();
  const { me } = useSignedIn();
  const verbs = useDesktopVerbs(desktop);
  const { operate, pendingVerb } = useOperate({ kind: 'desktop', object: desktop });
  const label = useVerbLabel();
  const controlWords = useControlWords(me.user.id)(desktop.control);
  const { hasPicture } = STATE_LOOKS[desktop.state];
  const main = verbs.find((verb) => verb === 'start' || verb === 'resume');
  const MainIcon = main && VERB_ICONS[main];
  const { condition } = desktop;
  const problem = condition?.error ?? null;

  return (
    <article className="mw-panel mw-card" aria-label={desktop.name}>
      <Link href={screenPath(desktop, me.user.roles)} aria-label={t('openScreen', { name: desktop.name })} className="mw-card-picture">
        <MachineThumbnail machineId={desktop.machineId} state={desktop.state} />
      </Link>
      <Stack gap={8} p="sm" flex={1}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Title order={2} lineClamp={1} title={desktop.name}>
            {desktop.name}
          </Title>
          <MachineStateBadge state={desktop.state} />
        </Group>
        <Text size="sm" c={problem ? undefined : 'dimmed'} style={problem ? { color: 'var(--mw-bad)' } : undefined} mih={20} lineClamp={2}>
          {problem
            ? failureText(problem, locale)
            : (controlWords ?? (condition?.startedAt && hasPicture ? t('upSince', { time: format.relative(condition.startedAt) }) : ' '))}
          {condition?.speed != null &&
            condition.speed < 0.95 &&
            hasPicture &&
            ` · ${t('speed', { speed: format.number(condition.speed, 1) })}`}
        </Text>
        <Group gap="xs" mt="auto">
          {main && MainIcon && (
            <Button
              variant={hasPicture ? 'default' : 'filled'}
              leftSection={<MainIcon size={16} aria-hidden />}
              loading={pendingVerb === main}
              onClick={() => operate(main)}
            >
              {label(main, desktop)}
            </Button>
          )}
          <Button
            component={Link}
            href={screenPath(desktop, me.user.roles)}
            variant={hasPicture ? 'filled' : 'default'}
            leftSection={controlWords ? <IconUser size={16} aria-hidden /> : <IconMaximize size={16} aria-hidden />}
            aria-label={t('openScreen', { name: desktop.name })}
          >
            {common('open')}
          </Button>
          {verbs.some((verb) => verb !== main) && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" size={36} ml="auto" aria-label={common('moreFor', { name: desktop.name })}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <VerbMenuItems machine={desktop} verbs={verbs.filter((verb) => verb !== main)} operate={operate} />
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </Stack>
    </article>
  );
}
