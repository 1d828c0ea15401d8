import type { MachineStatistics } from '@millwright/x86-vmm';
import { assert, describe, test } from 'vitest';
import { statisticsAsJson, statisticsAsText, statisticsForm } from './statistics-report.js';

const STATISTICS: MachineStatistics = {
  instructions: 1_234_567,
  guestTimeMs: 900,
  busyMs: 800,
  speed: 1,
  screen: { widthPx: 720, heightPx: 400 },
  times: {
    wallMs: 1000,
    startMs: 100,
    idleMs: 100,
    diskMs: 50.00049,
    memoryMs: 60,
    translationMs: 290,
    executionMs: 400,
    parts: {
      pageWalkMs: 30,
      flushMs: 10,
      deviceMs: 20,
      decodeMs: 90,
      emitMs: 100,
      compileMs: 80,
      codeWrittenMs: 20,
      interpreterMs: 250,
      regionsMs: 100,
      boardMs: 50,
    },
  },
  engine: { regionsTranslated: 7, regionsRemade: 2 },
};

describe('statistics', () => {
  test('a person at a terminal reads text, a program JSON, whoever asks gets what they ask for', () => {
    for (const [option, isTerminal, form] of [
      [true, true, 'text'],
      [true, false, 'json'],
      ['text', false, 'text'],
      ['json', true, 'json'],
    ] as const)
      assert.equal(statisticsForm(option, isTerminal), form);
    assert.throws(() => statisticsForm('xml', true), '--stats xml: one of json, text');
  });

  test('JSON is one line with microseconds', () => {
    const text = statisticsAsJson(STATISTICS);
    assert.notInclude(text, '\n');
    const { times, mips } = JSON.parse(text) as { times: { diskMs: number }; mips: number };
    assert.deepEqual([times.diskMs, mips], [50, 1.5]);
  });

  test('text has each cost with its share', () => {
    const lines = statisticsAsText(STATISTICS).split('\n');
    assert.include(lines, '  translation                            290.0 ms   29.0 %');
    assert.include(lines, '    interpreter                          250.0 ms   25.0 %');
    assert.include(lines.at(-2), '7 regions made, 2 of them anew');
  });
});
