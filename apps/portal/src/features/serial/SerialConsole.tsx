'use client';
import '@xterm/xterm/css/xterm.css';
import { Button, Group, Select } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { Machine, MachineId } from '@millwright/contracts';
import { encodeOpening } from '@millwright/remote-display/protocol';
import { IconArrowLeft, IconEraser, IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Terminal } from '@xterm/xterm';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { asPlatformError, callBroker } from '../../platform/broker-client';
import { failureText } from '../../platform/i18n/failure-texts';
import { machineQuery } from '../../platform/queries';
import { ReleaseKeys } from '../../screen/keyboard-release';
import { ToolButton } from '../../screen/ToolButton';
import { socketUrl } from '../../screen/use-display';
import { Loaded } from '../../ui/PageState';
import { StateBadge } from '../../ui/StateBadge';

type Line = 'connecting' | 'connected' | 'lost';
const TONES = { connecting: 'busy', connected: 'good', lost: 'warn' } as const;

export function SerialConsole({ machineId }: { readonly machineId: MachineId }) {
  const machine = useQuery(machineQuery(machineId));
  return <Loaded query={machine}>{(data) => <Console machine={data} />}</Loaded>;
}

function Console({ machine }: { readonly machine: Machine }) {
  const t = useTranslations('serial');
  const screen = useTranslations('screen');
  const machines = useTranslations('machines');
  const router = useRouter();
  const ports = machine.spec.serial.flatMap((kind, port) =>
    kind === 'none' ? [] : [{ value: String(port), label: `COM${port + 1} (${machines(`serialKinds.${kind}`)})` }],
  );
  const [port, setPort] = useState(ports[0]?.value ?? null);
  const box = useRef<HTMLDivElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const isUp = machine.state === 'running' || machine.state === 'paused';
  const terminal = useTerminal(box, t('terminal'), () => back.current?.focus());
  const { line, reason, again } = useSerialLine(terminal, machine.id, port, isUp);
  useDocumentTitle(`${t('title', { name: machine.name })} · Millwright`);
  return (
    <div className="mw-screen">
      <header className="mw-screen-bar">
        <ToolButton label={screen('back')} icon={IconArrowLeft} ref={back} onClick={() => router.push(`/machines/${machine.id}`)} />
        <h1 style={{ fontSize: 16, fontWeight: 600, margin: 0 }}>{t('title', { name: machine.name })}</h1>
        <StateBadge
          tone={TONES[line]}
          pulse={line === 'connecting'}
          label={line === 'lost' && !isUp ? t('notRunning') : reason && line === 'lost' ? reason : t(line)}
        />
        <Group ml="auto" gap={6} wrap="nowrap">
          {ports.length > 1 && (
            <Select
              aria-label={t('port')}
              data={ports}
              value={port}
              onChange={(value) => value && setPort(value)}
              allowDeselect={false}
              w={170}
            />
          )}
          {line === 'lost' && isUp && (
            <Button size="compact-md" leftSection={<IconPlugConnected size={16} aria-hidden />} onClick={again}>
              {t('reconnect')}
            </Button>
          )}
          <ToolButton label={t('clear')} icon={IconEraser} onClick={() => terminal?.clear()} />
        </Group>
      </header>
      <main className="mw-terminal">
        {ports.length === 0 ? <p style={{ color: '#fff' }}>{t('noPort')}</p> : <div ref={box} style={{ height: '100%' }} />}
      </main>
    </div>
  );
}

function useTerminal(box: React.RefObject<HTMLDivElement | null>, label: string, leave: () => void): Terminal | undefined {
  const [terminal, setTerminal] = useState<Terminal>();
  const leaveTo = useRef(leave);
  leaveTo.current = leave;
  useEffect(() => {
    let made: Terminal | undefined;
    let observer: ResizeObserver | undefined;
    let isOver = false;
    void openTerminal().then(({ Terminal: XTerm, FitAddon }) => {
      if (isOver || !box.current) return;
      made = new XTerm({
        cursorBlink: true,
        fontFamily: '"JetBrains Mono", Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
        fontSize: 14,
        scrollback: 5_000,
        screenReaderMode: true,
        theme: { background: '#0b0f13', foreground: '#d3d8de', cursor: '#7cc1e0' },
      });
      const fit = new FitAddon();
      made.loadAddon(fit);
      made.open(box.current);
      fit.fit();
      made.textarea?.setAttribute('aria-label', label);
      const keys = new ReleaseKeys(() => leaveTo.current());
      made.attachCustomKeyEventHandler((event) => {
        if (event.type === 'keydown') keys.onKeyDown(event);
        else if (event.type === 'keyup') keys.onKeyUp(event);
        return true;
      });
      made.focus();
      observer = new ResizeObserver(() => fit.fit());
      observer.observe(box.current);
      setTerminal(made);
    });
    return () => {
      isOver = true;
      observer?.disconnect();
      made?.dispose();
      setTerminal(undefined);
    };
  }, [box, label]);
  return terminal;
}

/** xterm.js needs a window, and only this page needs xterm.js. */
async function openTerminal() {
  const [{ Terminal: XTerm }, { FitAddon }] = await Promise.all([import('@xterm/xterm'), import('@xterm/addon-fit')]);
  return { Terminal: XTerm, FitAddon };
}

/** Raw bytes both ways between the terminal and one serial port. A cut line waits for the person: what was typed blindly could do harm. */
function useSerialLine(terminal: Terminal | undefined, machineId: MachineId, port: string | null, isUp: boolean) {
  const locale = useLocale();
  const [line, setLine] = useState<Line>('lost');
  const [reason, setReason] = useState<string>();
  const [round, setRound] = useState(0);
  // `round` asks for another connection.
  useEffect(() => {
    if (!terminal || port === null || !isUp) return;
    let socket: WebSocket | undefined;
    let isOver = false;
    setLine('connecting');
    setReason(undefined);
    callBroker('requestTicket', { path: { id: machineId }, body: { purpose: 'serial', port: Number(port) } }).then(
      ({ ticket, url }) => {
        if (isOver) return;
        socket = new WebSocket(socketUrl(window.location, url));
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
          socket?.send(encodeOpening(ticket));
          setLine('connected');
        };
        socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => terminal.write(new Uint8Array(data));
        socket.onclose = () => !isOver && setLine('lost');
      },
      (error: unknown) => {
        if (isOver) return;
        setReason(failureText(asPlatformError(error), locale));
        setLine('lost');
      },
    );
    const encoder = new TextEncoder();
    const typed = terminal.onData((text) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(encoder.encode(text));
    });
    return () => {
      isOver = true;
      typed.dispose();
      socket?.close(1000);
      setLine('lost');
    };
  }, [terminal, machineId, port, isUp, round, locale]);
  return { line, reason, again: () => setRound((old) => old + 1) };
}
