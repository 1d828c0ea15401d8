'use client';
import { connectDisplay, type DisplayConnection, type DisplayStatus } from '@millwright/remote-display/client';
import { CLOSE_CODE, type ControlState, type Leds, type PointerMode } from '@millwright/remote-display/protocol';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type ControlNotice, useControlNotice } from './control-notice';
import { type ScreenSource, SessionTickets } from './session-ticket';

/** An ended connection to a machine that is up is begun again after these pauses, the last one for ever. */
const RENEW_AFTER_MS = [1_000, 2_000, 4_000, 8_000] as const;

export interface FrameFigures {
  painted: number;
  decodeMicros: number;
}

export interface DisplayView {
  readonly connection: DisplayConnection | undefined;
  readonly status: DisplayStatus;
  readonly control: ControlState;
  readonly controlNotice: ControlNotice | undefined;
  /** Takes control when nobody holds it, else asks the holder. */
  requestControl(): void;
  readonly mayControl: boolean;
  readonly isAdmin: boolean;
  readonly pointerMode: PointerMode;
  readonly isCaptured: boolean;
  readonly leds: Leds | undefined;
  readonly size: { readonly widthPx: number; readonly heightPx: number } | undefined;
  /** Counts what was painted; read on demand, so that frames cause no rendering. */
  readonly figures: Readonly<FrameFigures>;
  /** Begins a new session after one was ended. */
  connectAgain(): void;
}

const NOBODY: ControlState = { holderName: '', youHold: false, requestedBy: '' };
const CONNECTING: DisplayStatus = { phase: 'connecting' };

/** Shows a machine's screen on a canvas while `isWanted`, and keeps it connected. */
export function useDisplay(canvas: RefObject<HTMLCanvasElement | null>, source: ScreenSource, isWanted: boolean): DisplayView {
  const [connection, setConnection] = useState<DisplayConnection>();
  const [status, setStatus] = useState<DisplayStatus>(CONNECTING);
  const [control, setControl] = useState(NOBODY);
  const { notice: controlNotice, show: showNotice, hide: hideNotice } = useControlNotice();
  const [rights, setRights] = useState({ mayControl: false, isAdmin: false });
  const [pointerMode, setPointerMode] = useState<PointerMode>('absolute');
  const [isCaptured, setIsCaptured] = useState(false);
  const [leds, setLeds] = useState<Leds>();
  const [size, setSize] = useState<DisplayView['size']>();
  const [round, setRound] = useState(0);
  const renewals = useRef(0);
  const figures = useRef<FrameFigures>({ painted: 0, decodeMicros: 0 });
  const tickets = useRef<SessionTickets>(undefined);
  const { kind, id } = source;
  // `round` asks for another connection.
  useEffect(() => {
    if (!isWanted || !canvas.current) return;
    let renewal: ReturnType<typeof setTimeout> | undefined;
    let isLeaving = false;
    tickets.current ??= new SessionTickets({ kind, id } as ScreenSource, window.sessionStorage);
    setStatus(CONNECTING);
    const made: DisplayConnection = connectDisplay({
      canvas: canvas.current,
      url: () => socketUrl(window.location, tickets.current!.displayUrl),
      ticket: () => tickets.current!.next(),
      createWorker: () => new Worker(new URL('./display-worker.ts', import.meta.url), { type: 'module' }),
      onStatus(next) {
        if (isLeaving) return;
        if (next.phase === 'connected') {
          renewals.current = 0;
          setRights({ mayControl: made.rights.control, isAdmin: made.rights.admin });
        }
        if (next.phase === 'ended' && next.code !== CLOSE_CODE.forbidden) {
          const attempt = renewals.current++;
          renewal = setTimeout(() => setRound((old) => old + 1), RENEW_AFTER_MS[Math.min(attempt, RENEW_AFTER_MS.length - 1)]);
          return setStatus({ phase: 'reconnecting', attempt: attempt + 1, reason: next.reason });
        }
        setStatus(next);
      },
      onControl(next) {
        if (isLeaving) return;
        setControl(next);
        if (next.youHold || next.holderName === '') hideNotice();
      },
      onControlDeclined: () => showNotice('declined'),
      onUsedInVain: () => showNotice('viewOnly'),
      onPointerMode: setPointerMode,
      onCapture: setIsCaptured,
      onLeds: setLeds,
      onGeometry: (next) => setSize(next),
      onPainted(frame) {
        figures.current.painted++;
        figures.current.decodeMicros = frame.decodeMicros;
      },
    });
    setConnection(made);
    return () => {
      isLeaving = true;
      clearTimeout(renewal);
      made.close();
      setConnection(undefined);
      setStatus(CONNECTING);
      setControl(NOBODY);
      hideNotice();
      setIsCaptured(false);
    };
  }, [canvas, kind, id, isWanted, round, showNotice, hideNotice]);

  const connectAgain = useCallback(() => {
    tickets.current?.forget();
    renewals.current = 0;
    setRound((old) => old + 1);
  }, []);

  const requestControl = useCallback(() => {
    if (!connection) return;
    if (connection.control.holderName !== '') showNotice('asked');
    connection.requestControl();
  }, [connection, showNotice]);

  return {
    connection,
    status,
    control,
    controlNotice,
    requestControl,
    ...rights,
    pointerMode,
    isCaptured,
    leds,
    size,
    figures: figures.current,
    connectAgain,
  };
}

/** The WebSocket address of a grant's URL. */
export function socketUrl(location: Pick<Location, 'protocol' | 'host'>, path: string): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}
