'use client';
import { useCallback, useEffect, useState } from 'react';

/** Keyboard Lock (WICG): in full screen the browser's own combinations reach the page. Chromium has it. */
interface KeyboardLock {
  lock(): Promise<void>;
  unlock(): void;
}
const keyboardLock = () => (navigator as Navigator & { readonly keyboard?: KeyboardLock }).keyboard;

/** Full screen of the whole page, so that menus and dialogs stay visible in it. */
export function useFullScreen() {
  const [isFull, setIsFull] = useState(false);
  const [isPossible, setIsPossible] = useState(false);

  useEffect(() => {
    setIsPossible(document.fullscreenEnabled === true);
    const changed = () => {
      const now = document.fullscreenElement !== null;
      setIsFull(now);
      if (!now) keyboardLock()?.unlock();
    };
    changed();
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      keyboardLock()?.unlock();
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => {});
    };
  }, []);

  const toggle = useCallback(async () => {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else {
        await document.documentElement.requestFullscreen({ navigationUI: 'hide' });
        await keyboardLock()?.lock();
      }
    } catch {
      // Refused without a gesture, or the lock is not allowed here: the page goes on as it is.
    }
  }, []);

  return { isFull, isPossible, toggle };
}
