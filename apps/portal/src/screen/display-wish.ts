import type { MachineState } from '@millwright/contracts';

const SHOWS: readonly MachineState[] = ['running', 'paused'];
const SHOWS_NOTHING: readonly MachineState[] = ['stopped', 'saved', 'failed', 'absent', 'trashed'];

/**
 * Whether the screen should be connected now. Between the clear cases (a change is under way, or the broker lost sight
 * of a host whose machines go on) whatever was so stays so.
 */
export function wantsDisplay(state: MachineState, before: boolean): boolean {
  if (SHOWS.includes(state)) return true;
  return SHOWS_NOTHING.includes(state) ? false : before;
}
