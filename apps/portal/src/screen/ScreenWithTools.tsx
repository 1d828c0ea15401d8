'use client';
import { Menu, Text } from '@mantine/core';
import type { UserId } from '@millwright/contracts';
import {
  IconArrowLeft,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconAspectRatio,
  IconCamera,
  IconChevronDown,
  IconClipboardText,
  IconMaximize,
  IconPower,
  IconTerminal2,
} from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { MachineStateBadge } from '../features/machines/MachineStateBadge';
import { VerbMenuItems } from '../features/machines/VerbMenuItems';
import { useAction } from '../ui/use-action';
import { ControlMenu } from './ControlMenu';
import { DesktopScreen, type Scale, type ScreenSubject } from './DesktopScreen';
import { useFullScreen } from './full-screen';
import { KeysMenu } from './KeysMenu';
import { QualityPopover } from './QualityPopover';
import { saveScreenshot } from './screenshot';
import { ToolButton } from './ToolButton';
import { TypeTextDialog } from './TypeTextDialog';

interface ScreenWithToolsProps {
  readonly subject: ScreenSubject;
  readonly myId: UserId;
  readonly backTo: string;
  /** Address of the machine's serial console, for those who may. */
  readonly serialPath?: string;
}

/** A machine's screen with the bar of an engineer. */
export function ScreenWithTools({ subject, myId, backTo, serialPath }: ScreenWithToolsProps) {
  const t = useTranslations('screen');
  const machines = useTranslations('machines');
  const router = useRouter();
  const [scale, setScale] = useState<Scale>('fit');
  const [isTyping, setIsTyping] = useState(false);
  const [isBarShown, setIsBarShown] = useState(false);
  const { isFull, isPossible, toggle } = useFullScreen();
  const back = useRef<HTMLButtonElement>(null);
  const screenshot = useAction(() => saveScreenshot(subject.machineId, subject.name));
  const { verbs, operate } = subject;

  return (
    <DesktopScreen subject={subject} scale={scale} isFull={isFull} tools="bar" leaveTo={() => back.current?.focus()}>
      {(display) => {
        const isConnected = display.status.phase === 'connected';
        return (
          <>
            {isFull && (
              <button type="button" className="mw-screen-handle" aria-label={t('toolbar')} onClick={() => setIsBarShown(true)}>
                <IconChevronDown size={16} aria-hidden />
              </button>
            )}
            <header>
              <div
                role="toolbar"
                className="mw-screen-bar"
                aria-label={t('toolbar')}
                data-shown={isBarShown || undefined}
                onMouseLeave={() => setIsBarShown(false)}
              >
                <ToolButton label={t('back')} icon={IconArrowLeft} ref={back} onClick={() => router.push(backTo)} />
                <Text component="h1" fw={600} size="md" truncate miw={60} title={subject.name}>
                  {subject.name}
                </Text>
                <span className="mw-roomy">
                  <MachineStateBadge state={subject.state} />
                </span>
                <ControlMenu display={display} machineId={subject.machineId} viewers={subject.control} myId={myId} />
                <span style={{ marginLeft: 'auto' }} />
                <KeysMenu display={display} />
                <ToolButton label={t('paste')} icon={IconClipboardText} onClick={() => setIsTyping(true)} disabled={!isConnected} />
                <ToolButton
                  label={scale === 'fit' ? t('actualSize') : t('fit')}
                  icon={scale === 'fit' ? IconAspectRatio : IconMaximize}
                  onClick={() => setScale(scale === 'fit' ? 'actual' : 'fit')}
                />
                <QualityPopover display={display} condition={subject.condition} />
                <Menu position="bottom-end">
                  <Menu.Target>
                    <ToolButton label={t('power')} icon={IconPower} />
                  </Menu.Target>
                  <Menu.Dropdown>
                    <VerbMenuItems machine={subject} verbs={verbs} operate={operate} />
                    {verbs.length > 0 && <Menu.Divider />}
                    <Menu.Item
                      leftSection={<IconCamera size={16} aria-hidden />}
                      disabled={!isConnected}
                      onClick={() => screenshot.mutate(undefined)}
                    >
                      {t('screenshot')}
                    </Menu.Item>
                    {serialPath && (
                      <Menu.Item leftSection={<IconTerminal2 size={16} aria-hidden />} onClick={() => router.push(serialPath)}>
                        {machines('serial')}
                      </Menu.Item>
                    )}
                  </Menu.Dropdown>
                </Menu>
                {isPossible && (
                  <ToolButton
                    label={isFull ? t('leaveFullScreen') : t('fullScreen')}
                    icon={isFull ? IconArrowsMinimize : IconArrowsMaximize}
                    onClick={() => void toggle().then(() => display.connection?.focus())}
                  />
                )}
              </div>
            </header>
            <TypeTextDialog display={display} name={subject.name} opened={isTyping} onClose={() => setIsTyping(false)} />
          </>
        );
      }}
    </DesktopScreen>
  );
}
