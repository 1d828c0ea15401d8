'use client';
import { Button, Group, Loader, Stack, Text, Title } from '@mantine/core';
import type { MachineCondition, MachineState, MachineVerb } from '@millwright/contracts';
import type { DisplayStatus } from '@millwright/remote-display/client';
import { CLOSE_CODE } from '@millwright/remote-display/protocol';
import { useLocale, useTranslations } from 'use-intl';
import { STATE_LOOKS } from '../features/machines/machine-state';
import { VERB_ICONS } from '../features/machines/machine-verbs';
import { useVerbLabel } from '../features/machines/VerbMenuItems';
import { failureText } from '../platform/i18n/failure-texts';

export interface OverlayProps {
  readonly state: MachineState;
  readonly condition: MachineCondition | null;
  readonly status: DisplayStatus;
  /** The display is (to be) connected: its own status says more than the machine's state. */
  readonly isWanted: boolean;
  readonly verbs: readonly MachineVerb[];
  readonly pendingVerb: MachineVerb | undefined;
  readonly operate: (verb: MachineVerb) => void;
  readonly connectAgain: () => void;
}

/** Says over the screen why there is no live picture, and offers what helps. */
export function StateOverlay({ state, condition, status, isWanted, verbs, pendingVerb, operate, connectAgain }: OverlayProps) {
  const t = useTranslations('screen');
  const reasons = useTranslations('stopReasons');
  const locale = useLocale();
  const label = useVerbLabel();
  if (isWanted && status.phase === 'connected') return null;
  const offered = isWanted ? [] : verbs.filter((verb) => verb === 'start' || verb === 'resume');

  let title: string;
  let text: string | undefined;
  let isBusy = false;
  if (isWanted && status.phase === 'ended') {
    title = status.reason === 'session.ended' ? t('endedBy') : status.code === CLOSE_CODE.forbidden ? t('endedForbidden') : t('ended');
  } else if (isWanted) {
    isBusy = true;
    title = status.phase === 'reconnecting' ? t('reconnecting', { attempt: String(status.attempt) }) : t('connecting');
  } else {
    title = t(`stateTitle.${state}`);
    isBusy = STATE_LOOKS[state].isTransition;
    if (condition?.error) text = failureText(condition.error, locale);
    else if (state === 'saved') text = t('savedHint');
    else if (state === 'unreachable') text = t('unreachableHint');
    else if (state === 'stopped' && condition?.stopReason) text = reasons(condition.stopReason);
  }

  return (
    <div className="mw-screen-overlay">
      <div className="mw-screen-card" role="status" aria-live="polite">
        <Stack align="center" gap="xs">
          {isBusy && <Loader size="sm" aria-hidden />}
          <Title order={2}>{title}</Title>
          {text && (
            <Text size="sm" c="dimmed">
              {text}
            </Text>
          )}
          {isWanted && status.phase === 'ended' && (
            <Button mt="xs" onClick={connectAgain}>
              {t('connectAgain')}
            </Button>
          )}
          {offered.length > 0 && (
            <Group mt="xs">
              {offered.map((verb) => {
                const Icon = VERB_ICONS[verb];
                return (
                  <Button
                    key={verb}
                    size="md"
                    leftSection={<Icon size={18} aria-hidden />}
                    loading={pendingVerb === verb}
                    onClick={() => operate(verb)}
                  >
                    {label(verb, { state, condition })}
                  </Button>
                );
              })}
            </Group>
          )}
        </Stack>
      </div>
    </div>
  );
}
