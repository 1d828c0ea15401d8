'use client';
import { Button, Menu, Text } from '@mantine/core';
import type { MachineId, UserId, ControlState as Viewers } from '@millwright/contracts';
import { IconEye, IconHandGrab, IconHandStop, IconUser, IconUserCheck } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { callBroker } from '../platform/broker-client';
import { useAction } from '../ui/use-action';
import type { DisplayView } from './use-display';

interface ControlMenuProps {
  readonly display: DisplayView;
  readonly machineId: MachineId;
  readonly viewers: Viewers;
  readonly myId: UserId;
}

/** Who is in control, and what I can do about it. */
export function ControlMenu({ display, machineId, viewers, myId }: ControlMenuProps) {
  const t = useTranslations('screen');
  const machines = useTranslations('machines');
  const { control, connection, mayControl, isAdmin } = display;
  const pass = useAction((sessionId: Viewers['viewers'][number]['sessionId']) =>
    callBroker('passControl', { path: { id: machineId }, body: { sessionId } }),
  );
  if (display.status.phase !== 'connected') return null;
  const words = control.youHold
    ? t('youControl')
    : control.holderName
      ? t('otherControls', { name: control.holderName })
      : t('nobodyControls');
  const others = viewers.viewers.filter((viewer) => viewer.userId !== myId);
  const mayPass = control.youHold || isAdmin;
  return (
    <Menu position="bottom-start" width={270}>
      <Menu.Target>
        <Button
          variant={control.youHold ? 'light' : 'default'}
          size="compact-md"
          leftSection={
            control.youHold ? (
              <IconUserCheck size={16} aria-hidden />
            ) : mayControl ? (
              <IconUser size={16} aria-hidden />
            ) : (
              <IconEye size={16} aria-hidden />
            )
          }
          aria-label={`${t('control')}: ${mayControl ? words : `${t('viewOnly')}, ${words}`}`}
          className="mw-control"
        >
          <span className="mw-wide">{mayControl ? words : t('viewOnly')}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words}</Menu.Label>
        {mayControl && !control.youHold && (
          <Menu.Item leftSection={<IconHandStop size={16} aria-hidden />} onClick={() => connection?.requestControl()}>
            {control.holderName ? t('requestControl') : t('takeControl')}
          </Menu.Item>
        )}
        {isAdmin && !control.youHold && control.holderName && (
          <Menu.Item leftSection={<IconHandGrab size={16} aria-hidden />} onClick={() => connection?.takeControl()}>
            {t('takeControl')}
          </Menu.Item>
        )}
        {control.youHold && (
          <Menu.Item leftSection={<IconHandStop size={16} aria-hidden />} onClick={() => connection?.handOver()}>
            {control.requestedBy ? `${t('handOver')}: ${control.requestedBy}` : t('giveUpControl')}
          </Menu.Item>
        )}
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{machines('viewers')}</Menu.Label>
            {others.map((viewer) =>
              mayPass && viewer.mayControl && viewer.sessionId !== viewers.holder ? (
                <Menu.Item
                  key={viewer.sessionId}
                  leftSection={<IconUser size={16} aria-hidden />}
                  onClick={() => pass.mutate(viewer.sessionId)}
                >
                  {machines('giveControl')}: {viewer.displayName}
                </Menu.Item>
              ) : (
                <Text key={viewer.sessionId} size="sm" px="sm" py={4}>
                  {viewer.displayName}
                  <Text span c="dimmed" size="xs">
                    {' '}
                    {viewer.sessionId === viewers.holder
                      ? machines('holder')
                      : viewer.mayControl
                        ? machines('mayControl')
                        : machines('viewOnly')}
                  </Text>
                </Text>
              ),
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What must be decided about control now: somebody asks the holder for it, or nobody has it. */
export function ControlBanner({
  display,
  dismissed,
  dismiss,
}: {
  readonly display: DisplayView;
  readonly dismissed: string;
  readonly dismiss: (name: string) => void;
}) {
  const t = useTranslations('screen');
  const { control, connection, mayControl } = display;
  if (display.status.phase === 'connected' && mayControl && !control.youHold && !control.holderName) {
    return (
      <div className="mw-screen-banner" role="status">
        <span>{connection?.takesControlByUse ? t('nobodyControlsUse') : t('nobodyControls')}</span>
        <Button size="compact-sm" onClick={() => takeFree(connection)}>
          {t('takeControl')}
        </Button>
      </div>
    );
  }
  if (control.requestedBy && control.youHold && dismissed !== control.requestedBy) {
    return (
      <div className="mw-screen-banner" role="alert">
        <span>{t('requestedBy', { name: control.requestedBy })}</span>
        <Button size="compact-sm" onClick={() => connection?.handOver()}>
          {t('handOver')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => dismiss(control.requestedBy)}>
          {t('keepControl')}
        </Button>
      </div>
    );
  }
  return null;
}

/** The keyboard goes to the guest with it: the click has left the focus on a button that is about to go. */
function takeFree(connection: DisplayView['connection']): void {
  connection?.requestControl();
  connection?.focus();
}
