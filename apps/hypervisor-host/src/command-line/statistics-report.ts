import type { MachineStatistics } from '@millwright/x86-vmm';
import { CommandError, ExitStatus } from './exit-status.js';

export const STATISTICS_FORMS = ['json', 'text'] as const;
export type StatisticsForm = (typeof STATISTICS_FORMS)[number];

/** The form that `--stats` asks for; without one, text for a person at a terminal and JSON for a program. @throws CommandError */
export function statisticsForm(option: string | true, isTerminal: boolean): StatisticsForm {
  if (option === true) return isTerminal ? 'text' : 'json';
  const form = STATISTICS_FORMS.find((each) => each === option);
  if (form === undefined) throw new CommandError(ExitStatus.usage, `--stats ${option}: one of ${STATISTICS_FORMS.join(', ')}`);
  return form;
}

/** Millions of instructions a second of the time that the vCPU was not idle. */
export function mips({ instructions, busyMs }: MachineStatistics): number {
  return Number((instructions / Math.max(1, busyMs) / 1000).toFixed(1));
}

/** One JSON object in a line: `MachineStatistics` and `mips`. */
export function statisticsAsJson(statistics: MachineStatistics): string {
  const rounded = JSON.stringify(statistics.times, (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  );
  return JSON.stringify({ ...statistics, times: JSON.parse(rounded) as unknown, mips: mips(statistics) });
}

/** The same for reading: where the wall time went, then what the engine did. */
export function statisticsAsText(statistics: MachineStatistics): string {
  const { times, engine } = statistics;
  const { parts, wallMs } = times;
  const line = (depth: number, name: string, ms: number): string => {
    const share = wallMs > 0 ? (100 * ms) / wallMs : 0;
    return `${'  '.repeat(depth)}${name.padEnd(34 - 2 * depth)}${ms.toFixed(1).padStart(12)} ms${share.toFixed(1).padStart(7)} %`;
  };
  const count = (name: string): string => (engine[name] ?? 0).toLocaleString('en-US');
  return [
    line(0, 'wall time', wallMs),
    line(1, 'disk', times.diskMs),
    line(1, 'memory', times.memoryMs),
    line(2, 'page walks', parts.pageWalkMs),
    line(2, 'translations dropped', parts.flushMs),
    line(2, 'memory that is a device', parts.deviceMs),
    line(1, 'translation', times.translationMs),
    line(2, 'decoding', parts.decodeMs),
    line(2, 'emitting regions', parts.emitMs),
    line(2, 'compiling regions', parts.compileMs),
    line(2, 'code that was written', parts.codeWrittenMs),
    line(1, 'execution', times.executionMs),
    line(2, 'interpreter', parts.interpreterMs),
    line(2, 'regions', parts.regionsMs),
    line(2, 'board, between slices', parts.boardMs),
    line(1, 'idle', times.idleMs),
    line(1, 'start of the machine', times.startMs),
    `${statistics.instructions.toLocaleString('en-US')} instructions, ${mips(statistics)} million a second`,
    `${count('blocksDecoded')} blocks decoded; ${count('regionsTranslated')} regions made, ${count('regionsRemade')} of them anew, ${count('regionsLive')} live`,
    `${count('pageWalks')} page walks, ${count('exceptions')} exceptions, ${count('interrupts')} interrupts`,
  ].join('\n');
}
