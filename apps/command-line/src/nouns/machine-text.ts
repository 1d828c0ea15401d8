import type { Desktop, Machine } from '@millwright/contracts';
import { moment, yesNo } from '../terminal/format.js';
import { textRecord } from '../terminal/text-table.js';

/** The badge in words: `running`, `stopped → running`, `running (0.4x)`. */
export function stateOf({ state, changing, condition, ...rest }: Machine | Desktop): string {
  const wanted = 'wanted' in rest ? rest.wanted : undefined;
  const goal = changing && wanted !== undefined && wanted !== state ? ` → ${wanted}` : changing ? ' …' : '';
  const speed = condition?.speed ?? 1;
  return `${state}${goal}${state === 'running' && speed < 0.95 ? ` (${speed.toFixed(2)}x)` : ''}`;
}

export function describeMachine(machine: Machine, hostName: (id: string) => string): string {
  const { condition, control, spec } = machine;
  const holder = control.viewers.find(({ sessionId }) => sessionId === control.holder);
  return textRecord([
    ['Name', machine.name],
    ['State', stateOf(machine)],
    ['Problem', condition?.error ? `${condition.error.message} (${condition.error.code})` : undefined],
    ['Stopped because', condition?.stopReason ?? undefined],
    ['Saved state', condition ? yesNo(condition.hasSavedState) : undefined],
    ['Running since', condition?.startedAt ? moment(condition.startedAt) : undefined],
    ['Screen', condition?.screen ? `${condition.screen.widthPx}x${condition.screen.heightPx}` : undefined],
    ['Pointer', condition?.pointer ?? undefined],
    ['Memory', `${spec.memoryMiB} MiB`],
    ['Boots from', spec.bootOrder.join(', ')],
    ['Serial', spec.serial.map((use, port) => `COM${port + 1} ${use}`).join(', ')],
    ['Template', machine.templateId ?? undefined],
    ['Host', machine.hostId === null ? undefined : hostName(machine.hostId)],
    ['In control', holder?.displayName],
    ['Viewers', control.viewers.map(({ displayName }) => displayName).join(', ')],
    ['Made', moment(machine.createdAt)],
    ['Id', machine.id],
  ]);
}

/** After the power button was pressed: the state is still the one before, and whether it changes is the guest's. */
export function askedToShutDown(name: string, show: string): string {
  return `${name}: the power button was pressed. The guest shuts down if it listens; ${show} tells when it has stopped.`;
}
