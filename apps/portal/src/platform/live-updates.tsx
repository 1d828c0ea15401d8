'use client';
import { type BrokerEvents, ChangedSchema, EVENTS_PATH } from '@millwright/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { io, type Socket } from 'socket.io-client';
import { applyChanged } from './changed-cache';

/** Shorter cuts are not worth a word. */
const CUT_SHOWN_AFTER_MS = 3_000;

const LiveContext = createContext({ isCut: false });

/** Keeps the read data fresh while somebody is signed in. */
export function LiveUpdates({ onSignedOut, children }: { readonly onSignedOut: () => void; readonly children: ReactNode }) {
  const cache = useQueryClient();
  const [isCut, setIsCut] = useState(false);

  useEffect(() => {
    const socket: Socket<BrokerEvents> = io({ path: EVENTS_PATH, transports: ['websocket', 'polling'], reconnectionDelayMax: 5_000 });
    let hasConnected = false;
    let cutTimer: ReturnType<typeof setTimeout> | undefined;
    const cut = () => {
      cutTimer ??= setTimeout(() => setIsCut(true), CUT_SHOWN_AFTER_MS);
    };
    socket.on('connect', () => {
      clearTimeout(cutTimer);
      cutTimer = undefined;
      setIsCut(false);
      // What happened meanwhile was told to nobody.
      if (hasConnected) void cache.invalidateQueries();
      hasConnected = true;
    });
    socket.on('disconnect', (reason) => {
      cut();
      // The server closes sockets of ended sessions; `me` tells whether that is why.
      if (reason === 'io server disconnect') {
        void cache.invalidateQueries({ queryKey: ['me'] });
        setTimeout(() => socket.connect(), 1_000);
      }
    });
    socket.on('connect_error', (error) => {
      cut();
      if (error.message === 'auth.required') {
        void cache.invalidateQueries({ queryKey: ['me'] });
        setTimeout(() => socket.connect(), 5_000);
      }
    });
    socket.on('changed', (event) => {
      const parsed = ChangedSchema.safeParse(event);
      if (parsed.success) applyChanged(cache, parsed.data);
    });
    socket.on('signed-out', onSignedOut);
    return () => {
      clearTimeout(cutTimer);
      socket.removeAllListeners();
      socket.close();
    };
  }, [cache, onSignedOut]);

  return <LiveContext value={{ isCut }}>{children}</LiveContext>;
}

/** Whether events have been missing for some seconds. */
export function useIsCut(): boolean {
  return useContext(LiveContext).isCut;
}
