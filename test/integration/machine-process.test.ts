import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, assert, test } from 'vitest';
import { bootSector, Workshop } from '../conformance/machine/support/guest.js';
import { until } from '../support/product.js';

/* The compiled process of one machine, asked over its socket as an agent asks it (apps/hypervisor-host/src/machines/process-protocol.ts). */

const MAIN = fileURLToPath(new URL('../../apps/hypervisor-host/dist/machines/machine-process.js', import.meta.url));
const STAY = '.stay: hlt\n jmp .stay\n';

interface Answer {
  readonly answer?: number;
  readonly error?: { readonly code: string } | null;
  readonly status?: { readonly state: string };
}

const workshop = new Workshop();
const started: ChildProcess[] = [];
let folders = 0;
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => workshop.end());

class Asked {
  readonly states: string[] = [];
  readonly #answers = new Map<number, string>();
  #next = 1;

  constructor(
    readonly child: ChildProcess,
    readonly folder: string,
    private readonly socket: Socket,
  ) {
    createInterface({ input: socket }).on('line', (line) => {
      const { answer, error, status } = JSON.parse(line) as Answer;
      if (status && status.state !== this.states.at(-1)) this.states.push(status.state);
      if (answer !== undefined) this.#answers.set(answer, error?.code ?? 'done');
    });
    socket.on('error', () => {});
    socket.write('{"channel":"control"}\n');
  }

  get state(): string | undefined {
    return this.states.at(-1);
  }

  /** `done`, or the code of the refusal. */
  ask(words: Readonly<Record<string, unknown>>): Promise<string> {
    const id = this.#next++;
    this.socket.write(`${JSON.stringify({ id, ...words })}\n`);
    return until(`the answer to ${String(words['do'])}`, () => this.#answers.get(id));
  }
}

async function startProcess(more: Readonly<Record<string, unknown>> = {}): Promise<Asked> {
  const folder = workshop.path(`run-${folders++}`);
  mkdirSync(folder);
  const floppy = workshop.image('stay.img', bootSector(STAY));
  const spec = { machineId: 'm', name: 'm', epoch: 1, memoryMiB: 8, disks: [], floppy, bootOrder: ['floppy'], ...more };
  writeFileSync(`${folder}/spec.json`, JSON.stringify(spec));
  const child = spawn(process.execPath, [MAIN, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  started.push(child);
  const socket = await until('the socket', () => opened(`${folder}/socket`));
  return new Asked(child, folder, socket);
}

function opened(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

const outcomeOf = (machine: Asked): unknown => JSON.parse(readFileSync(`${machine.folder}/outcome.json`, 'utf8'));

test('a machine that begins paused, afresh or from a saved state, says so and can be resumed', async () => {
  const saved = workshop.path('paused.state');
  const fresh = await startProcess({ startPaused: true });
  await until('paused', () => fresh.state === 'paused' || undefined);
  assert.equal(await fresh.ask({ do: 'resume' }), 'done');
  await until('running', () => fresh.state === 'running' || undefined);
  const exit = once(fresh.child, 'exit');
  assert.equal(await fresh.ask({ do: 'save', path: saved }), 'done');
  await exit;

  const restored = await startProcess({ startPaused: true, restoreFrom: saved });
  await until('paused', () => restored.state === 'paused' || undefined);
  assert.isFalse(existsSync(saved), 'the state was taken over');
  assert.equal(await restored.ask({ do: 'resume' }), 'done');
  await until('running', () => restored.state === 'running' || undefined);
});

test('a save under way answers who asks for the same file, and refuses another', async () => {
  const machine = await startProcess();
  await until('running', () => machine.state === 'running' || undefined);
  const path = workshop.path('first.state');
  const other = workshop.path('other.state');
  const exit = once(machine.child, 'exit');
  const answers = [path, path, other].map((file) => machine.ask({ do: 'save', path: file }));
  assert.deepEqual(await Promise.all(answers), ['done', 'done', 'machine.wrong-state']);
  await exit;
  assert.deepEqual([existsSync(path), existsSync(other)], [true, false]);
  assert.deepInclude(outcomeOf(machine), { state: 'saved', error: null });
});
