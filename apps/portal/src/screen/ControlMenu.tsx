'use client';
import { Button, Menu, Text } from '@mantine/core';
import type { MachineId, UserId, ControlState as Viewers } from '@millwright/contracts';
import { IconEye, IconHandGrab, IconHandStop, IconUser, IconUserCheck, IconUserShare } from '@tabler/icons-react';
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

/** Who is in control, in words. */
export function useHolderWords(control: DisplayView['control']): string {
  const t = useTranslations('screen');
  if (control.youHold) return t('youControl');
  return control.holderName ? t('otherControls', { name: control.holderName }) : t('nobodyControls');
}

/** The button that says who is in control, with the menu of what I can do about it. */
export function ControlMenu(props: ControlMenuProps) {
  const t = useTranslations('screen');
  const { control, mayControl, status } = props.display;
  const words = useHolderWords(control);
  if (status.phase !== 'connected') return null;
  const Icon = control.youHold ? IconUserCheck : mayControl ? IconUser : IconEye;
  return (
    <Menu position="bottom-start" width={270}>
      <Menu.Target>
        <Button
          variant={control.youHold ? 'light' : 'default'}
          size="compact-md"
          leftSection={<Icon size={16} aria-hidden />}
          aria-label={`${t('control')}: ${mayControl ? words : `${t('viewOnly')}, ${words}`}`}
          className="mw-control"
          title={words}
        >
          <span className="mw-control-words">{mayControl ? words : t('viewOnly')}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words}</Menu.Label>
        <ControlMenuItems {...props} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** What I can do about control: ask, take, give up, or hand over to one of those who watch, whether they asked or not. */
export function ControlMenuItems({ display, machineId, viewers, myId }: ControlMenuProps) {
  const t = useTranslations('screen');
  const machines = useTranslations('machines');
  const { control, connection, mayControl, isAdmin } = display;
  const pass = useAction((sessionId: Viewers['viewers'][number]['sessionId']) =>
    callBroker('passControl', { path: { id: machineId }, body: { sessionId } }),
  );
  if (display.status.phase !== 'connected') return null;
  const others = viewers.viewers.filter((viewer) => viewer.userId !== myId);
  const mayPass = control.youHold || isAdmin;
  return (
    <>
      {mayControl && !control.youHold && (
        <Menu.Item leftSection={<IconHandStop size={16} aria-hidden />} onClick={display.requestControl}>
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
          {control.requestedBy ? t('handOverTo', { name: control.requestedBy }) : t('giveUpControl')}
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
                leftSection={<IconUserShare size={16} aria-hidden />}
                onClick={() => pass.mutate(viewer.sessionId)}
              >
                {t('handOverTo', { name: viewer.displayName })}
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
    </>
  );
}
