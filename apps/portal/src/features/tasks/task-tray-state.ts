'use client';
import { useSyncExternalStore } from 'react';

/** Open or not, for the button in the header and for pages that have just begun a task. */
let isOpen = false;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  isOpen = next;
  for (const listener of listeners) listener();
}

export const openTaskTray = () => set(true);
const close = () => set(false);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useTaskTray() {
  return {
    isOpen: useSyncExternalStore(
      subscribe,
      () => isOpen,
      () => false,
    ),
    open: openTaskTray,
    close,
  };
}
