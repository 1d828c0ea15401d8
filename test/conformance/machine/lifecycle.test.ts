import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble } from '@millwright/assembler';
import { readKernelLoader } from '@millwright/firmware';
import { line3DiskImage, line3Screen } from '@millwright/line3-mixing';
import type { Machine, MachineEvent } from '@millwright/x86-vmm';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { medium, multibootKernel, SECTOR, Transcript, untilState, Workshop } from './support/guest.js';

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.end());

const SAY_AND_HALT = `
        mov al, '!'
        out 0xE9, al
.idle:  hlt
        jmp .idle
`;

test('created, running, paused, running, stopped; calls in a wrong state are refused', async () => {
  const machine = await workshop.boot(SAY_AND_HALT);
  const states: string[] = [];
  machine.listen((event) => event.event === 'state' && states.push(event.state));
  const transcript = new Transcript(machine, 'debug');
  assert.equal(machine.state, 'created');
  await machine.start();
  await transcript.seen('!');
  assert.equal(await machine.start().catch((error: { code: string }) => error.code), 'machine.state');
  await machine.pause();
  const { instructions } = await machine.statistics();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await machine.statistics()).instructions, instructions, 'a paused machine executes nothing');
  await machine.resume();
  await machine.stop();
  assert.deepEqual(states, ['running', 'paused', 'running', 'stopped']);
  assert.deepEqual(machine.stopReason, { kind: 'requested' });
  assert.equal(await machine.resume().catch((error: { code: string }) => error.code), 'machine.state');
}, 30_000);

/** The seconds of the real-time clock, in BCD, with each tick of the timer. */
const TELL_SECONDS = `
.next:  mov ah, 2
        int 0x1A
        mov al, dh
        out 0xE9, al
        hlt
        jmp .next
`;

test('the real-time clock follows the host after a pause and in a restored machine; guest time does not', async () => {
  const STILL_MS = 4_000;
  const state = workshop.path('state');
  const machine = await workshop.boot(TELL_SECONDS);
  await machine.start();
  await followsHost(machine);
  await machine.pause();
  const before = await machine.statistics();
  await sleep(STILL_MS);
  await machine.resume();
  await followsHost(machine);
  assert.isBelow((await machine.statistics()).guestTimeMs - before.guestTimeMs, STILL_MS);
  await machine.save(state);
  await machine.stop();
  await sleep(STILL_MS);
  const restored = await workshop.boot(TELL_SECONDS, {}, state);
  await restored.resume();
  await followsHost(restored);
}, 60_000);

/** The guest tells the host's second, or the one before: a busy machine lags a quarter of a second at most. */
async function followsHost(machine: Machine): Promise<void> {
  const followed = new Promise<void>((resolve) => {
    machine.listen((event) => {
      if (event.event !== 'debug') return;
      const told = event.bytes.at(-1)!;
      const behind = new Date().getUTCSeconds() - ((told >> 4) * 10 + (told & 15));
      if ((behind + 60) % 60 <= 1) resolve();
    });
  });
  await Promise.race([followed, sleep(10_000).then(() => assert.fail('the clock is not the host’s'))]);
}

test('reset starts the guest again and keeps running or paused as it was', async () => {
  const machine = await workshop.boot(SAY_AND_HALT);
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('!');
  await machine.reset();
  assert.equal(machine.state, 'running');
  await transcript.seen('!!');
  await machine.pause();
  await machine.reset();
  assert.equal(machine.state, 'paused');
  assert.equal((await machine.dumpState())['EIP'], 0xfff0);
}, 30_000);

test('the guest resets itself by port CF9, port 92, the keyboard controller and a triple fault', async () => {
  const resets = [
    'mov dx, 0xCF9\n mov al, 6\n out dx, al',
    'in al, 0x92\n or al, 1\n out 0x92, al',
    'mov al, 0xFE\n out 0x64, al',
    'lidt [none]\n int3',
  ];
  for (const reset of resets) {
    // A byte that a warm start leaves alone tells the second boot from the first.
    const machine = await workshop.boot(`
        mov al, '!'
        out 0xE9, al
        ${reset}
.stay:  jmp .stay
none:   dw 0
        dd 0
`);
    const transcript = new Transcript(machine, 'debug');
    await machine.start();
    await transcript.seen('!!');
    await machine.stop();
  }
}, 60_000);

test('stopOnReset: a triple fault and a reset stop the machine, and are told apart', async () => {
  for (const [reset, tripleFault] of [
    ['lidt [none]\n int3', true],
    ['mov dx, 0xCF9\n mov al, 6\n out dx, al', false],
  ] as const) {
    const machine = await workshop.boot(`${reset}\n.stay: jmp .stay\nnone: dw 0\n dd 0\n`, { stopOnReset: true });
    await machine.start();
    await untilState(machine, 'stopped');
    assert.deepEqual(machine.stopReason, { kind: 'reset', tripleFault });
  }
}, 30_000);

test('the debug-exit port ends the machine with the value written', async () => {
  const machine = await workshop.boot('mov al, 42\n jmp exit\n');
  await machine.start();
  await untilState(machine, 'stopped');
  assert.deepEqual(machine.stopReason, { kind: 'debug-exit', value: 42 });
  // Its last state can be looked at, not changed, until the owner stops it.
  const refusal = (call: Promise<unknown>) => call.then(String, (error: { code: string }) => error.code);
  assert.equal(Number((await machine.dumpState())['EAX']) & 0xff, 42);
  assert.isAbove((await machine.statistics()).instructions, 0);
  assert.equal(await refusal(machine.save(workshop.path('ended.state'))), 'machine.state');
  assert.equal(await refusal(machine.resume()), 'machine.state');
  await machine.stop();
  assert.equal(await refusal(machine.statistics()), 'machine.state');
}, 30_000);

test('stop completes what the disk was asked for: the image has it', async () => {
  const image = workshop.image('disk.img', new Uint8Array(SECTOR), 1000);
  const machine = await workshop.boot(
    `
        mov di, 0x8000
        mov cx, 256
        mov ax, 0x4D57
        rep stosw
        mov ax, 0x0301
        mov bx, 0x8000
        mov cx, 9
        mov dx, 0x0080
        int 0x13
        mov al, '!'
        out 0xE9, al
.idle:  hlt
        jmp .idle
`,
    { ide: [{ kind: 'disk', backend: medium(image) }] },
  );
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('!');
  await machine.stop();
  const sector = readFileSync(image).subarray(8 * SECTOR, 9 * SECTOR);
  assert.equal(sector.toString('latin1'), 'WM'.repeat(SECTOR / 2));
}, 30_000);

test('the power button reaches a guest that has ACPI on; it switches the power off', async () => {
  // PM I/O base from the PIIX4's PCI configuration (00:01.3 register 40h); SCI_EN; waits for PWRBTN_STS; S5 with the DSDT's type 0.
  const machine = await workshop.boot(`
        mov eax, 0x80000B40
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFC
        in ax, dx
        and ax, 0xFFC0
        mov bp, ax
        mov dx, 0xB2
        mov al, 0xF1                    ; ACPI enable
        out dx, al
        lea dx, [bp + 2]                ; PM1_EN
        mov ax, 0x0100
        out dx, ax
        mov al, 'r'
        out 0xE9, al
.wait:  mov dx, bp
        in ax, dx
        test ah, 1
        jz .wait
        mov ax, 0x0100
        out dx, ax
        mov al, 'p'
        out 0xE9, al
        lea dx, [bp + 4]                ; PM1_CNT: SLP_EN
        mov ax, 0x2001
        out dx, ax
.stay:  jmp .stay
`);
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('r');
  await machine.pressPowerButton();
  await untilState(machine, 'stopped');
  assert.equal(transcript.text, 'rp');
  assert.deepEqual(machine.stopReason, { kind: 'powered-off' });
}, 30_000);

test('the default guest switches itself off when its power button is pressed', async () => {
  const machine = await workshop.machine({ memoryMiB: 16, floppies: [medium(line3DiskImage(), true)], bootOrder: ['floppy'] });
  await machine.start();
  const { x, y, stopped } = line3Screen.motorLamp;
  for (let colour = 0; colour !== stopped; ) {
    await sleep(100);
    const { widthPx } = await machine.picture();
    colour = machine.frame[y * widthPx + x]! & 0xff_ffff;
  }
  await sleep(1_000);
  assert.equal(machine.state, 'running');
  await machine.pressPowerButton();
  await untilState(machine, 'stopped');
  assert.deepEqual(machine.stopReason, { kind: 'powered-off' });
}, 60_000);

test('a Multiboot kernel is entered in protected mode with its magic, memory size and command line', async () => {
  const { bytes } = assemble(
    `
bits 32
org 0x100000
        dd 0x1BADB002, 0x00000003, -(0x1BADB002 + 0x00000003)
        cmp eax, 0x2BADB002
        jne .bad
        mov eax, [ebx]
        and eax, 5
        cmp eax, 5                      ; memory and command line
        jne .bad
        cmp dword [ebx + 8], 7 * 1024   ; KiB above 1 MiB
        ja .bad
        mov esi, [ebx + 16]
.next:  lodsb
        test al, al
        jz .done
        out 0xE9, al
        jmp .next
.done:  mov al, 9
        out 0xF4, al
.bad:   mov al, 1
        out 0xF4, al
`,
    { file: 'kernel', bits: 32 },
  );
  const machine = await workshop.machine({
    kernel: { image: multibootKernel(bytes), commandLine: 'answer=42', loaderRom: readKernelLoader() },
  });
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await untilState(machine, 'stopped');
  assert.deepEqual(machine.stopReason, { kind: 'debug-exit', value: 9 });
  assert.include(transcript.text, 'answer=42');
}, 30_000);

test('a kernel that is none is refused by name', async () => {
  const refused = await workshop
    .machine({ kernel: { image: new Uint8Array(4096), commandLine: '', loaderRom: readKernelLoader() } })
    .catch((error: { code: string }) => error.code);
  assert.equal(refused, 'medium.failed');
}, 30_000);

test('a flat image runs exactly the steps asked for and its state can be read', async () => {
  const { bytes } = assemble('bits 16\norg 0x1000\n mov ax, 0x1234\n mov bx, 2\n mul bx\n mov [0x2000], ax\n hlt\n', { file: 'flat' });
  const machine = await workshop.machine({ flat: { image: bytes, address: 0x1000 } });
  const real = (selector: number) => ({ selector, base: selector * 16, limit: 0xffff, attributes: 0x93 });
  await machine.loadState({ EIP: 0x1000, CS: { ...real(0), attributes: 0x9b }, DS: real(0) });
  await machine.step(2);
  const middle = await machine.dumpState();
  assert.deepEqual([middle['EAX'], middle['EBX'], middle['EIP']], [0x1234, 2, 0x1006]);
  await machine.step(100);
  const end = await machine.dumpState();
  assert.equal(end['EAX'], 0x2468);
  assert.equal(end['EIP'], 0x100c, 'behind HLT, where it stays');
  assert.deepEqual([...(await machine.readMemory(0x2000, 2))], [0x68, 0x24]);
}, 30_000);

test('a disk that fails to open names itself; one that throws while it runs is an error for the guest only', async () => {
  const refused = await workshop
    .machine({ ide: [{ kind: 'disk', backend: medium(workshop.path('absent')) }] })
    .catch((error: { code: string; message: string }) => error);
  assert.equal((refused as { code: string }).code, 'medium.failed');
  assert.include((refused as { message: string }).message, 'disk0');
  const broken = workshop.path('broken.mjs');
  writeFileSync(
    broken,
    `export const open = async () => ({ sectors: 1000, readOnly: false, read: async () => { throw new Error('bad sector'); }, write: async () => {}, flush: async () => {} });`,
  );
  const machine = await workshop.boot(
    `
        mov ax, 0x0201
        mov bx, 0x8000
        mov cx, 9
        mov dx, 0x0080
        int 0x13
        mov al, ah
        jc exit
        mov al, 0
        jmp exit
`,
    { ide: [{ kind: 'disk', backend: { module: `file://${broken}`, options: {} } }] },
  );
  const failures: MachineEvent[] = [];
  machine.listen((event) => event.event === 'state' && event.reason?.kind === 'failed' && failures.push(event));
  await machine.start();
  await untilState(machine, 'stopped');
  assert.deepEqual(failures, []);
  assert.equal(machine.stopReason?.kind, 'debug-exit');
  assert.notEqual((machine.stopReason as { value: number }).value, 0);
}, 30_000);
