import { type MachineVerb } from '@millwright/contracts';
import {
  IconBolt,
  IconDeviceFloppy,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconPower,
  IconRefresh,
} from '@tabler/icons-react';

export const VERB_ICONS: Readonly<Record<MachineVerb, typeof IconPower>> = {
  start: IconPlayerPlay,
  stop: IconBolt,
  shutdown: IconPower,
  reset: IconRefresh,
  pause: IconPlayerPause,
  resume: IconPlayerTrackNext,
  save: IconDeviceFloppy,
};

/** Verbs after which unsaved work of the guest is gone. */
export const DANGEROUS_VERBS: readonly MachineVerb[] = ['stop', 'reset'];
