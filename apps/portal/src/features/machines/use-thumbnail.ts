'use client';
import { type MachineId, TICKET_SCHEME, type TicketGrant } from '@millwright/contracts';
import { type RefObject, useEffect, useState } from 'react';
import { callBroker } from '../../platform/broker-client';

/** A ticket is renewed this long before it expires, so that no request carries a dead one. */
const RENEW_BEFORE_MS = 5_000;
/** After a failure, for instance while the machine is starting. */
const RETRY_MS = 4_000;

const tickets = new Map<MachineId, TicketGrant>();

async function ticketFor(machineId: MachineId): Promise<TicketGrant> {
  const known = tickets.get(machineId);
  if (known && Date.parse(known.expiresAt) - Date.now() > RENEW_BEFORE_MS) return known;
  const grant = await callBroker('requestTicket', { path: { id: machineId }, body: { purpose: 'thumbnail' } });
  tickets.set(machineId, grant);
  return grant;
}

async function fetchThumbnail(machineId: MachineId, signal: AbortSignal): Promise<Blob> {
  const { ticket, url } = await ticketFor(machineId);
  const response = await fetch(url, { headers: { authorization: `${TICKET_SCHEME} ${ticket}` }, signal });
  if (!response.ok) {
    if (response.status === 401) tickets.delete(machineId);
    throw new Error(`thumbnail ${response.status}`);
  }
  return response.blob();
}

/**
 * Address of the machine's newest small picture, asked for every `everyMs` while the element is on the screen, the
 * page is visible and `isLive` holds. The last picture stays when the machine is no longer live. `isFailing` when the
 * last one asked for did not come.
 */
export function useThumbnail(
  machineId: MachineId,
  isLive: boolean,
  element: RefObject<Element | null>,
  everyMs: number,
): { readonly url: string | undefined; readonly isFailing: boolean } {
  const [url, setUrl] = useState<string>();
  const [isFailing, setIsFailing] = useState(false);
  useEffect(() => {
    if (!isLive || !element.current) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isSeen = false;
    let isAsking = false;
    const ask = async () => {
      if (isAsking || !isSeen || document.hidden || stop.signal.aborted) return;
      isAsking = true;
      clearTimeout(timer);
      let pauseMs = everyMs;
      try {
        const next = URL.createObjectURL(await fetchThumbnail(machineId, stop.signal));
        if (stop.signal.aborted) return URL.revokeObjectURL(next);
        setIsFailing(false);
        setUrl((old) => {
          if (old) URL.revokeObjectURL(old);
          return next;
        });
      } catch {
        if (!stop.signal.aborted) setIsFailing(true);
        pauseMs = Math.max(RETRY_MS, everyMs);
      } finally {
        isAsking = false;
      }
      if (!stop.signal.aborted) timer = setTimeout(ask, pauseMs);
    };
    const observer = new IntersectionObserver((entries) => {
      isSeen = entries.some(({ isIntersecting }) => isIntersecting);
      if (isSeen) void ask();
    });
    observer.observe(element.current);
    document.addEventListener('visibilitychange', ask, { signal: stop.signal });
    return () => {
      stop.abort();
      observer.disconnect();
      clearTimeout(timer);
    };
  }, [machineId, isLive, element, everyMs]);
  return { url, isFailing };
}
