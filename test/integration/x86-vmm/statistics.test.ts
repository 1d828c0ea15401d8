import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { STAY } from './support/boot-programs.js';
import { booting, multiboot } from './support/workbench.js';

describe('--stats', () => {
  interface Times {
    readonly wallMs: number;
    readonly idleMs: number;
    readonly executionMs: number;
    readonly startMs: number;
    readonly diskMs: number;
    readonly memoryMs: number;
    readonly translationMs: number;
    readonly parts: Readonly<Record<string, number>>;
  }
  const added = ({ idleMs, executionMs, startMs, diskMs, memoryMs, translationMs }: Times): number =>
    idleMs + executionMs + startMs + diskMs + memoryMs + translationMs;
  test('the costs add up to the wall time, as the clock on the wall has it', async () => {
    const began = performance.now();
    const kernel = multiboot(`mov ebx, 400000000\n.work: add eax, ebx\n xor edx, eax\n dec ebx\n jnz .work\n${STAY}`);
    const { status, err } = await runVmm('run', '--memory', '8M', '--kernel', kernel, '--timeout', '6', '--stats');
    const wallMs = performance.now() - began;
    assert.equal(status, 124);
    const { times } = JSON.parse(err.slice(err.indexOf('{'))) as { times: Times };
    assert.closeTo(added(times), times.wallMs, 0.01 * times.wallMs);
    assert.isAtLeast(times.wallMs, 6_000);
    // Before the worker there is only Node's start; after it, its end.
    assert.isAtMost(times.wallMs, wallMs);
    const { parts } = times;
    assert.closeTo(
      Object.values(parts).reduce((sum, ms) => sum + ms),
      times.executionMs + times.memoryMs + times.translationMs,
      1,
    );
    assert.isAbove(parts['regionsMs']!, parts['interpreterMs']!, err);
    assert.isAbove(times.executionMs, 200, err);
    assert.isAbove(parts['compileMs']!, 0, err);
    for (const ms of [...Object.values(parts), times.startMs, times.diskMs, times.idleMs]) assert.isAtLeast(ms, 0, err);
  });

  test('as text it has a line a cost; a halted guest is idle', async () => {
    const { err } = await runVmm(...booting(STAY, '--timeout', '4', '--stats', 'text'));
    const share = (name: string): number => Number(new RegExp(`^ +${name} +[\\d.]+ ms +([\\d.]+) %$`, 'm').exec(err)?.[1]);
    const shares = ['disk', 'memory', 'translation', 'execution', 'idle', 'start of the machine'].map(share);
    assert.closeTo(
      shares.reduce((sum, one) => sum + one),
      100,
      1,
      err,
    );
    assert.isAbove(share('idle'), 30, err);
  });
});
