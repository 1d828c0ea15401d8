'use client';
import { ActionIcon, Menu, Text } from '@mantine/core';
import type { Desktop, DesktopId } from '@millwright/contracts';
import { IconArrowLeft, IconArrowsMaximize, IconArrowsMinimize, IconMenu2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { desktopQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { ControlMenuItems, useHolderWords } from '../../screen/ControlMenu';
import { DesktopScreen } from '../../screen/DesktopScreen';
import { useFullScreen } from '../../screen/full-screen';
import type { DisplayView } from '../../screen/use-display';
import { Loaded } from '../../ui/PageState';
import { useDesktopVerbs } from '../desktops/DesktopCard';
import { useOperate } from '../machines/use-operate';
import { VerbMenuItems } from '../machines/VerbMenuItems';

/** A panel in the whole window; one round button beside it holds everything that is not the panel. */
export function PanelPage({ desktopId }: { readonly desktopId: DesktopId }) {
  const desktop = useQuery(desktopQuery(desktopId));
  return <Loaded query={desktop}>{(data) => <Panel desktop={data} />}</Loaded>;
}

function Panel({ desktop }: { readonly desktop: Desktop }) {
  const { operate, pendingVerb } = useOperate({ kind: 'desktop', object: desktop });
  const verbs = useDesktopVerbs(desktop);
  const fullScreen = useFullScreen();
  const menu = useRef<HTMLButtonElement>(null);
  return (
    <DesktopScreen
      subject={{
        source: { kind: 'desktop', id: desktop.id },
        name: desktop.name,
        machineId: desktop.machineId,
        state: desktop.state,
        condition: desktop.condition,
        control: desktop.control,
        verbs,
        pendingVerb,
        operate,
      }}
      scale="fit"
      isFull={fullScreen.isFull}
      tools="rail"
      leaveTo={() => menu.current?.focus()}
    >
      {(display) => (
        <PanelMenu display={display} desktop={desktop} fullScreen={fullScreen} target={menu}>
          <VerbMenuItems machine={desktop} verbs={verbs} operate={operate} />
        </PanelMenu>
      )}
    </DesktopScreen>
  );
}

interface PanelMenuProps {
  readonly display: DisplayView;
  readonly desktop: Desktop;
  readonly fullScreen: ReturnType<typeof useFullScreen>;
  readonly target: React.RefObject<HTMLButtonElement | null>;
  readonly children: React.ReactNode;
}

function PanelMenu({ display, desktop, fullScreen, target, children }: PanelMenuProps) {
  const t = useTranslations('hmi');
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const { me } = useSignedIn();
  const { control, connection, mayControl, status } = display;
  const isConnected = status.phase === 'connected';
  const words = useHolderWords(control);
  return (
    <div className="mw-screen-rail" data-shown={isOpen || undefined}>
      {isConnected && !control.youHold && (control.holderName || !mayControl) && (
        <Text span className="mw-screen-rail-note" role="status">
          {control.holderName ? `${t('viewOnly')} · ${words}` : words}
        </Text>
      )}
      <Menu position="left" width={280} opened={isOpen} onChange={setIsOpen} styles={{ item: { minHeight: 48, fontSize: 16 } }}>
        <Menu.Target>
          <ActionIcon ref={target} size={56} radius="xl" variant="filled" aria-label={t('menu')}>
            <IconMenu2 size={26} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {desktop.name}
            {isConnected && ` · ${words}`}
          </Menu.Label>
          <ControlMenuItems display={display} machineId={desktop.machineId} viewers={desktop.control} myId={me.user.id} />
          <Menu.Divider />
          {children}
          {fullScreen.isPossible && (
            <Menu.Item
              leftSection={fullScreen.isFull ? <IconArrowsMinimize size={20} aria-hidden /> : <IconArrowsMaximize size={20} aria-hidden />}
              onClick={() => void fullScreen.toggle().then(() => connection?.focus())}
            >
              {fullScreen.isFull ? t('leaveFullScreen') : t('fullScreen')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconArrowLeft size={20} aria-hidden />} onClick={() => router.push('/hmi')}>
            {t('leave')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
