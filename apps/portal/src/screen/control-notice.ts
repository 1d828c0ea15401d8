'use client';
import { useCallback, useEffect, useState } from 'react';

/** What a person is told about control, for a short time. */
export type ControlNotice = 'asked' | 'declined' | 'viewOnly';

/** Long enough to read and to press the button in it; then the guest's picture is free again. */
const SHOWN_MS = 8_000;

export function useControlNotice() {
  const [shown, setShown] = useState<{ readonly notice: ControlNotice }>();
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const show = useCallback((notice: ControlNotice) => {
    // Who presses keys while they wait for an answer knows already.
    setShown((old) => (notice === 'viewOnly' && old ? old : { notice }));
  }, []);
  const hide = useCallback(() => setShown(undefined), []);
  return { notice: shown?.notice, show, hide };
}
