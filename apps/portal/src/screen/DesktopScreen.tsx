'use client';
import { useDocumentTitle } from '@mantine/hooks';
import type { ControlState, MachineCondition, MachineId, MachineState, MachineVerb } from '@millwright/contracts';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ControlBanner } from './ControlBanner';
import { wantsDisplay } from './display-wish';
import { ReleaseKeys } from './keyboard-release';
import { PausedBanner } from './PausedBanner';
import { StateOverlay } from './StateOverlay';
import type { ScreenSource } from './session-ticket';
import { type DisplayView, useDisplay } from './use-display';

/** What the screen needs to know of the machine behind it. */
export interface ScreenSubject {
  readonly source: ScreenSource;
  readonly name: string;
  readonly machineId: MachineId;
  readonly state: MachineState;
  readonly condition: MachineCondition | null;
  readonly control: ControlState;
  readonly verbs: readonly MachineVerb[];
  readonly pendingVerb: MachineVerb | undefined;
  readonly operate: (verb: MachineVerb) => void;
}

export type Scale = 'fit' | 'actual';

interface DesktopScreenProps {
  readonly subject: ScreenSubject;
  readonly scale: Scale;
  readonly isFull: boolean;
  /** Where the tools are: a bar above the picture, or a rail along the longer room beside or below it. */
  readonly tools: 'bar' | 'rail';
  readonly children: (display: DisplayView) => ReactNode;
  /** Where the focus goes when the person leaves the guest's keyboard. */
  readonly leaveTo: () => void;
}

/** Whoever touches the screen has no keys to give back. */
const isTouch = () => window.matchMedia('(pointer: coarse)').matches;

/** The frame around a machine's screen: connects, draws, and says why when there is nothing to draw. */
export function DesktopScreen({ subject, scale, isFull, tools, children, leaveTo }: DesktopScreenProps) {
  const t = useTranslations('screen');
  const canvas = useRef<HTMLCanvasElement>(null);
  const wish = useRef(false);
  const isWanted = wantsDisplay(subject.state, wish.current);
  useEffect(() => {
    wish.current = isWanted;
  });
  const display = useDisplay(canvas, subject.source, isWanted);
  const { status, size, pointerMode, isCaptured, control, connection } = display;
  const isConnected = isWanted && status.phase === 'connected';
  const isPaused = subject.state === 'paused';
  const [hintIsOver, setHintIsOver] = useState(false);
  const leave = useRef(leaveTo);
  leave.current = leaveTo;
  const keys = useMemo(() => new ReleaseKeys(() => leave.current()), []);
  useDocumentTitle(`${subject.name} · Millwright`);

  // The keyboard goes to the guest at once, unless the person is busy elsewhere on the page.
  useEffect(() => {
    if (isConnected && (document.activeElement === document.body || document.activeElement === null)) connection?.focus();
  }, [isConnected, connection]);
  useEffect(() => {
    setHintIsOver(false);
    if (!isConnected || pointerMode === 'relative') return;
    const timer = setTimeout(() => setHintIsOver(true), 5_000);
    return () => clearTimeout(timer);
  }, [isConnected, pointerMode]);

  const hint =
    !isConnected || !control.youHold || isPaused
      ? undefined
      : pointerMode === 'relative'
        ? t(isCaptured ? 'capturedHint' : 'captureHint')
        : hintIsOver || isTouch()
          ? undefined
          : t('keyboardHint');
  // An old picture must not pass for the plant's present state.
  const isDimmed = isWanted && status.phase !== 'connected';
  return (
    <div className="mw-screen" data-full={isFull || undefined} data-tools={tools} data-phase={isWanted ? status.phase : 'idle'}>
      {children(display)}
      <main
        className="mw-screen-stage"
        data-scale={scale}
        data-dimmed={isDimmed || undefined}
        data-paused={isPaused || undefined}
        data-empty={!isWanted || size === undefined || undefined}
        onKeyDownCapture={keys.onKeyDown}
        onKeyUpCapture={keys.onKeyUp}
        onBlurCapture={keys.onBlur}
      >
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the canvas is the guest's keyboard and pointer */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label={t('canvas', { name: subject.name })}
          data-width={size?.widthPx}
          data-height={size?.heightPx}
          style={scale === 'actual' && size ? { width: size.widthPx, height: size.heightPx } : undefined}
        />
        <div className="mw-screen-banners">
          {isPaused && isConnected && <PausedBanner subject={subject} />}
          <ControlBanner display={display} isPaused={isPaused} />
        </div>
        <StateOverlay
          state={subject.state}
          condition={subject.condition}
          status={status}
          isWanted={isWanted}
          verbs={subject.verbs}
          pendingVerb={subject.pendingVerb}
          operate={subject.operate}
          connectAgain={display.connectAgain}
        />
        {hint && (
          <div className="mw-screen-note" role="status">
            {hint}
          </div>
        )}
      </main>
    </div>
  );
}
