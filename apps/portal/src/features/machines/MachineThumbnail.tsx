'use client';
import type { MachineId, MachineState } from '@millwright/contracts';
import { IconDeviceDesktopOff } from '@tabler/icons-react';
import { useRef } from 'react';
import { STATE_LOOKS } from './machine-state';
import { useThumbnail } from './use-thumbnail';

interface MachineThumbnailProps {
  readonly machineId: MachineId;
  readonly state: MachineState;
  readonly small?: boolean;
}

/** The machine's screen, small and a little late; grey once it is only the last picture. The words beside it say what it is. */
export function MachineThumbnail({ machineId, state, small = false }: MachineThumbnailProps) {
  const element = useRef<HTMLSpanElement>(null);
  const { hasPicture, isTransition } = STATE_LOOKS[state];
  const { url, isFailing } = useThumbnail(machineId, hasPicture, element, small ? 5_000 : 2_000);
  return (
    <span ref={element} className="mw-picture" data-small={small || undefined} data-stale={!hasPicture || undefined} aria-hidden>
      {url && (hasPicture || isTransition) ? (
        <img src={url} alt="" />
      ) : (
        <span data-waiting={(hasPicture && !isFailing) || undefined}>
          <IconDeviceDesktopOff size={small ? 20 : 32} stroke={1.3} aria-hidden />
        </span>
      )}
    </span>
  );
}
