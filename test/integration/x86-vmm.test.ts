import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { assemble } from '@millwright/assembler';
import { readBios, readVideoBios } from '@millwright/firmware';
import { PNG } from 'pngjs';
import { afterAll, afterEach, assert, describe, test, vi } from 'vitest';
import { bootSector, multibootKernel, Workshop } from '../conformance/machine/support/guest.js';
import { Person } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/product.js';
import { runVmm, VmmProcess } from '../support/x86-vmm.js';

/*
 * The real `x86-vmm` as people and scripts run it: flags, output, exit statuses (docs/errors.md), with boot programs of our own.
 */
vi.setConfig({ testTimeout: 120_000 });

const SEABIOS = '/usr/share/seabios/bios-256k.bin';
const SEABIOS_VGA = '/usr/share/seabios/vgabios-stdvga.bin';

const workshop = new Workshop();
const running: VmmProcess[] = [];
afterEach(async () => {
  for (const vmm of running.splice(0)) {
    vmm.signal('SIGKILL');
    await vmm.status;
  }
});
afterAll(() => workshop.end());

/** Words of `run` for a diskette with a boot program. */
function booting(program: string, ...words: readonly string[]): string[] {
  return ['run', '--memory', '8M', '--floppy', workshop.image('boot.img', bootSector(program)), ...words];
}

function start(words: readonly string[]): VmmProcess {
  const vmm = new VmmProcess(words);
  running.push(vmm);
  return vmm;
}

/** Its one line on standard error; nothing but it is printed. */
async function refusal(...words: readonly string[]): Promise<{ status: number | null; line: string }> {
  const { status, out, err } = await runVmm(...words);
  assert.equal(out, '');
  assert.lengthOf(err.trimEnd().split('\n'), 1, err);
  return { status, line: err.trimEnd() };
}

/** A kernel that is entered in flat protected mode. */
function multiboot(program: string): string {
  const { bytes } = assemble(`bits 32\norg 0x100000\n dd 0x1BADB002, 3, -(0x1BADB002 + 3)\n${program}`, { file: 'kernel' });
  writeFileSync(workshop.path('kernel.elf'), multibootKernel(bytes));
  return workshop.path('kernel.elf');
}

const exitWith = (value: number) => `mov al, ${value}\n jmp exit\n`;
const STAY = '.stay: hlt\n jmp .stay\n';
const TRIPLE_FAULT = 'lidt [none]\n int3\nnone: dw 0\n dd 0\n';
const say = (text: string) => Array.from(text, (c) => `mov al, '${c}'\n call put_serial\n`).join('');
/** Fills the screen of mode 13h with a colour of the default palette. */
const FILL_RED = 'mov ax, 0x13\n int 0x10\n mov ax, 0xA000\n mov es, ax\n xor di, di\n mov al, 4\n mov cx, 64000\n rep stosb\n';
/** COM1 echoes what it hears, one more. */
const ECHO = `call set_serial\n${say('>')}.hear: mov dx, 0x3FD\n in al, dx\n test al, 1\n jz .hear\n mov dx, 0x3F8\n in al, dx\n inc al\n call put_serial\n jmp .hear\n`;
/** ACPI S5 by the power management device, as QEMU's board has it: PMBA in the configuration space of 00:01.3. */
const POWER_OFF = `
        mov dx, 0xCF8
        mov eax, 0x80000B40
        out dx, eax
        mov dx, 0xCFC
        in ax, dx
        and ax, 0xFFC0
        mov dx, ax
        add dx, 4
        mov ax, 0x2000
        out dx, ax
${STAY}`;

describe('how a run ends', () => {
  test('the debug-exit port gives odd statuses, port E9 the debug console', async () => {
    for (const [value, status] of [
      [0, 1],
      [1, 3],
      [42, 85],
      [127, 255],
    ] as const) {
      const ran = await runVmm(...booting(`mov al, 'D'\n out 0xE9, al\n${exitWith(value)}`, '--debug-exit'));
      assert.deepEqual(ran, { status, out: '', err: 'D' });
    }
  });

  test('without --debug-exit its ports are not there', async () => {
    const ran = await runVmm(...booting(`call set_serial\n out 0xF4, al\n in al, 0xE9\n mov bl, al\n${say('on')}${POWER_OFF}`));
    assert.deepEqual(ran, { status: 0, out: 'on', err: '' });
  });

  test('what is asked for at the end is there after the guest has ended the machine, and its status stays', async () => {
    for (const [ending, words, status] of [
      [exitWith(20), ['--debug-exit'], 41],
      [TRIPLE_FAULT, ['--no-reboot'], 6],
      [POWER_OFF, [], 0],
    ] as const) {
      const [png, state, saved] = ['end.png', 'end.json', 'end.state'].map((name) => workshop.path(`${status}-${name}`)) as [
        string,
        string,
        string,
      ];
      const asked = ['--stats', '--screenshot-on-exit', png, '--dump-state', state, '--dump-memory', '0x7c00:2', '--save', saved];
      const { err, ...ran } = await runVmm(...booting(`${FILL_RED}mov ebx, 0x1234\n${ending}`, ...words, ...asked));
      assert.deepEqual(ran, { status, out: '' }, err);
      const [statistics, refused, ...rest] = err.trimEnd().split('\n');
      assert.isAbove((JSON.parse(statistics!) as { instructions: number }).instructions, 64_000);
      assert.equal(refused, `x86-vmm: --save ${saved}: not written, the guest has ended the machine`);
      assert.deepEqual([rest, existsSync(saved)], [[], false]);
      const { width, height, data } = PNG.sync.read(readFileSync(png));
      assert.deepEqual([width, height, data.readUIntBE((100 * width + 160) * 4, 3)], [width, height, 0xaa0000]);
      const dump = JSON.parse(readFileSync(state, 'utf8')) as { EBX: number; memory: unknown };
      assert.equal(dump.EBX, 0x1234, 'registers as the guest left them');
      assert.deepEqual(dump.memory, { address: 0x7c00, bytes: 'fa31' });
    }
  });

  test('--no-reboot: status 6 for a triple fault; without it the guest starts again', async () => {
    assert.equal((await runVmm(...booting(TRIPLE_FAULT, '--no-reboot', '--timeout', '60'))).status, 6);
    const again = `mov al, '!'\n out 0xE9, al\n${TRIPLE_FAULT}`;
    const { status, err } = await runVmm(...booting(again, '--debug-exit', '--timeout', '3'));
    assert.equal(status, 124);
    assert.match(err, /^!!+$/);
  });

  test('--timeout: status 124, with the last picture', async () => {
    const png = workshop.path('timeout.png');
    const before = Date.now();
    const { status } = await runVmm(...booting(`${FILL_RED}${STAY}`, '--timeout', '2.5', '--screenshot-on-exit', png));
    assert.equal(status, 124);
    assert.isAtLeast(Date.now() - before, 2_500);
    const { width, data } = PNG.sync.read(readFileSync(png));
    assert.equal(data.readUIntBE((100 * width + 160) * 4, 3), 0xaa0000);
  });

  test('--exit-on: status 0 for a text on COM1 or on the text screen, and not for another', async () => {
    const talk = `call set_serial\n${say('ready')}${STAY}`;
    assert.deepEqual(await runVmm(...booting(talk, '--exit-on', 'never', '--exit-on', 'ready', '--timeout', '60')), {
      status: 0,
      out: 'ready',
      err: '',
    });
    const onScreen = `mov ax, 3\n int 0x10\n mov si, words\n.next: lodsb\n test al, al\n jz .stay\n mov ah, 0x0E\n int 0x10\n jmp .next\n${STAY}words: db 'panel up', 0\n`;
    assert.equal((await runVmm(...booting(onScreen, '--exit-on', 'panel up', '--timeout', '60'))).status, 0);
    assert.equal((await runVmm(...booting(onScreen, '--exit-on', 'panel down', '--timeout', '3'))).status, 124);
  });

  test('--trace post prints the codes of ports 80 and 190, and only then', async () => {
    const codes = `mov al, 0xA5\n out 0x80, al\n mov dx, 0x190\n mov al, 0x5A\n out dx, al\n${exitWith(0)}`;
    const { err } = await runVmm(...booting(codes, '--debug-exit', '--trace', 'post'));
    const lines = err.trimEnd().split('\n');
    assert.equal(lines[0], 'POST 80: 01', 'the first code of our firmware');
    assert.deepEqual(lines.slice(-2), ['POST 80: a5', 'POST 190: 5a']);
    assert.equal((await runVmm(...booting(codes, '--debug-exit'))).err, '');
  });
});

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
    const { times } = JSON.parse(err) as { times: Times };
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

describe('--profile', () => {
  const PAD = ' nop\n'.repeat(256);
  /** Three functions with frame pointers, some way apart, the innermost of which works. */
  const FUNCTIONS = `
        mov esp, 0x200000
        xor ebp, ebp
        call outer
        mov al, 3
        out 0xF4, al
${STAY}${PAD}
outer:  push ebp
        mov ebp, esp
        call inner
        pop ebp
        ret
${PAD}
inner:  push ebp
        mov ebp, esp
        mov ecx, 100000000
.work:  add eax, ecx
        dec ecx
        jnz .work
        pop ebp
        ret
`;
  const symbols = (): string => {
    writeFileSync(workshop.path('System.map'), '00100000 T begin\n00100080 t outer_function\n00100180 t inner_function\n');
    return workshop.path('System.map');
  };
  const profiled = (file: string, ...words: string[]) =>
    runVmm('run', '--memory', '8M', '--kernel', multiboot(FUNCTIONS), '--debug-exit', '--profile', workshop.path(file), ...words);

  test('the innermost function and its callers have the time, by name and by address', async () => {
    assert.deepEqual(await profiled('named.folded', '--profile-symbols', symbols()), { status: 7, out: '', err: '' });
    const stacks = new Map(
      readFileSync(workshop.path('named.folded'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
    const all = [...stacks.values()].reduce((sum, us) => sum + us);
    assert.isAbove(stacks.get('kernel;begin;outer_function;inner_function')! / all, 0.3, [...stacks].join('\n'));
    assert.equal((await profiled('plain.folded', '--engine', 'interpreter', '--profile-period', '1000000')).status, 7);
    assert.match(
      readFileSync(workshop.path('plain.folded'), 'utf8'),
      /^kernel;0x001000[0-9a-f]{2};0x001001[0-9a-f]{2};0x001002[0-9a-f]{2} \d+$/m,
    );
  });

  test('as a page it opens in a browser without a network', async () => {
    assert.equal((await profiled('page.html', '--profile-symbols', symbols())).status, 7);
    const person = await Person.open();
    try {
      const { page } = person;
      await page.context().setOffline(true);
      await page.goto(`file://${workshop.path('page.html')}`);
      const labels = page.locator('.d3-flame-graph-label');
      await labels.filter({ hasText: 'inner_function' }).first().waitFor();
      await labels.filter({ hasText: 'outer_function' }).first().click({ force: true });
      assert.match(await page.locator('#details').innerText(), /^outer_function: [\d.]+ ms, [\d.]+ %$/);
      await page.locator('#weight').selectOption('instructions');
      assert.match(await page.locator('#details').innerText(), /^all: [\d,]+ instructions, 100\.00 %$/);
      assert.deepEqual(person.problems, []);
    } finally {
      await person.close();
    }
  });

  test('what cannot be is refused in a line', async () => {
    const bad = workshop.path('bad.map');
    writeFileSync(bad, 'not a map\n');
    for (const [words, status, line] of [
      [['--profile', 'a.svg'], 2, /^x86-vmm: --profile a\.svg: give a file that ends in \.html, \.folded, \.json$/],
      [['--profile', '/nowhere/a.html'], 2, /^x86-vmm: --profile \/nowhere\/a\.html: there is no such file or folder/],
      [['--profile', 'a.html', '--profile-period', '10'], 2, /^x86-vmm: --profile-period 10: give a whole number from 1000 to/],
      [['--profile', 'a.html', '--steps', '10'], 2, /^x86-vmm: --profile: not together with --steps/],
      [['--profile-period', '10000'], 2, /^x86-vmm: --profile-period: needs --profile$/],
      [['--profile-symbols', bad], 2, /^x86-vmm: --profile-symbols: needs --profile$/],
      [['--profile', 'a.html', '--profile-symbols', '/nowhere'], 4, /^x86-vmm: --profile-symbols \/nowhere: there is no such file/],
      [['--profile', 'a.html', '--profile-symbols', bad], 4, /^x86-vmm: --profile-symbols .*bad\.map: line 1: give ADDRESS TYPE NAME/],
    ] as const) {
      const refused = await refusal('run', ...words);
      assert.deepEqual([refused.status, line.test(refused.line)], [status, true], refused.line);
    }
  });
});

describe('bare images', () => {
  const real = (selector: number, attributes = 0x93) => ({ selector, base: selector * 16, limit: 0xffff, attributes });
  const flat = (code: string, address: number): string => {
    writeFileSync(workshop.path('image.bin'), assemble(`bits 16\norg ${address}\n${code}`, { file: 'flat' }).bytes);
    return `${workshop.path('image.bin')}@0x${address.toString(16)}`;
  };
  const state = (registers: object): string => {
    writeFileSync(workshop.path('in.json'), JSON.stringify(registers));
    return workshop.path('in.json');
  };

  test('--steps runs exactly so many instructions; registers and memory are dumped', async () => {
    const image = flat('mov [0x2000], ax\n add bx, ax\n mul bx\n hlt\n', 0x1000);
    const registers = state({
      EAX: '0x1234',
      EBX: 2,
      EIP: 0x1000,
      CS: real(0, 0x9b),
      DS: real(0),
      FCW: 0x37f,
      ST0: '3fff8000000000000000',
    });
    const out = workshop.path('out.json');
    const words = ['run', '--flat', image, '--cpu-state', registers, '--dump-memory', '0x2000:2'];
    assert.deepEqual(await runVmm(...words, '--steps', '2', '--dump-state', out), { status: 0, out: '', err: '' });
    const dump = JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>;
    assert.deepEqual([dump['EAX'], dump['EBX'], dump['EIP']], [0x1234, 0x1236, 0x1005]);
    assert.deepEqual(dump['memory'], { address: 0x2000, bytes: '3412' });
    assert.deepEqual([dump['CS'], dump['ST0'], dump['FCW']], [real(0, 0x9b), '3fff8000000000000000', 0x37f]);
    const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../docs/x86-vmm-state.schema.json', import.meta.url)), 'utf8')) as {
      properties: object;
    };
    assert.sameMembers(Object.keys(dump), Object.keys(schema.properties), 'exactly what the published schema has');

    // A dump is a beginning, and without a file it goes to standard output.
    const { memory: _, ...resumed } = dump;
    const { out: text } = await runVmm('run', '--flat', image, '--cpu-state', state(resumed), '--steps', '1000', '--serial', 'none');
    const end = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([end['EAX'], end['EDX'], end['EIP']], [(0x1234 * 0x1236) & 0xffff, (0x1234 * 0x1236) >>> 16, 0x1008]);
  });

  test('32-bit state is taken as it is', async () => {
    writeFileSync(workshop.path('image.bin'), assemble('bits 32\norg 0x200000\nlea eax, [ecx * 4 + 5]\nhlt', { file: 'flat' }).bytes);
    const wide = (attributes: number) => ({ selector: 8, base: 0, limit: 0xffff_ffff, attributes });
    const registers = state({ CR0: 1, ECX: 0x1000_0000, EIP: 0x20_0000, CS: wide(0xc09b), SS: wide(0xc093), DS: wide(0xc093) });
    const image = `${workshop.path('image.bin')}@0x200000`;
    const { status, out } = await runVmm('run', '--flat', image, '--cpu-state', registers, '--steps', '1');
    assert.deepEqual([status, (JSON.parse(out) as { EAX: number }).EAX], [0, 0x4000_0005]);
  });

  test('without --steps the image runs until it ends, without --cpu-state in real mode at its address', async () => {
    const image = flat('mov al, 5\n out 0xF4, al\n', 0x1000);
    assert.equal((await runVmm('run', '--flat', image, '--debug-exit', '--timeout', '30')).status, 11);
    const registers = state({ EIP: 0x1002, EAX: 9, CS: real(0, 0x9b) });
    const { status, out } = await runVmm('run', '--flat', image, '--cpu-state', registers, '--debug-exit', '--timeout', '30');
    assert.deepEqual([status, (JSON.parse(out) as { EIP: number }).EIP], [19, 0x1004]);
    assert.equal(
      (await runVmm('run', '--flat', image, '--debug-exit', '--steps', '10', '--dump-state', workshop.path('o.json'))).status,
      11,
    );
    const fault = flat('mov sp, 1\n push ax\n hlt', 0x1000);
    const stack = state({ EIP: 0x1000, CS: real(0, 0x9b), IDTR: { base: 0, limit: 0 } });
    assert.equal((await runVmm('run', '--flat', fault, '--cpu-state', stack, '--steps', '9', '--no-reboot')).status, 6);
  });

  test('what cannot be is refused in a line', async () => {
    const image = flat('hlt\n', 0x1000);
    const said = async (...words: string[]) => refusal('run', ...words);
    assert.deepEqual(await said('--flat', image, '--cpu-state', state({ EAX: -1 }), '--steps', '1'), {
      status: 4,
      line: `x86-vmm: --cpu-state ${workshop.path('in.json')}: EAX: give a number from 0 to 0xffffffff`,
    });
    assert.match(
      (await said('--flat', image, '--cpu-state', workshop.path('none.json'))).line,
      /--cpu-state .*none\.json: there is no such file/,
    );
    writeFileSync(workshop.path('in.json'), '{"EAX": 1,');
    assert.deepEqual((await said('--flat', image, '--cpu-state', workshop.path('in.json'))).status, 4);
    assert.match((await said('--flat', workshop.path('image.bin'))).line, /--flat .*: give FILE@ADDRESS/);
    assert.match((await said('--flat', `${workshop.path('image.bin')}@0x1000000000`)).line, /--flat 0x1000000000: give an address/);
    assert.deepEqual(await said('--flat', `${workshop.path('image.bin')}@0x100000`), {
      status: 2,
      line: `x86-vmm: --flat ${workshop.path('image.bin')}@0x100000: above 0xffff say with --cpu-state where and how to begin`,
    });
    assert.deepEqual(await said('--memory', '1M', '--flat', `${workshop.path('image.bin')}@0x100000`), {
      status: 4,
      line: `x86-vmm: --flat ${workshop.path('image.bin')}@0x100000: the image does not fit into memory at its address`,
    });
    assert.equal((await said('--flat', image, '--steps', 'many')).status, 2);
    assert.match(
      (await said('--flat', image, '--steps', '1', '--dump-memory', '0x1000')).line,
      /--dump-memory 0x1000: give ADDRESS:LENGTH/,
    );
  });
});

describe('kernels and ROMs', () => {
  test('--kernel starts a Multiboot ELF with --append', async () => {
    const { bytes } = assemble(
      `
bits 32
org 0x100000
        dd 0x1BADB002, 0x00000003, -(0x1BADB002 + 0x00000003)
        cmp eax, 0x2BADB002
        jne .out
        mov esi, [ebx + 16]
.next:  lodsb
        out 0xE9, al
        test al, al
        jnz .next
        mov al, 3
.out:   out 0xF4, al
`,
      { file: 'kernel' },
    );
    writeFileSync(workshop.path('kernel.elf'), multibootKernel(bytes));
    const { status, err } = await runVmm('run', '--kernel', workshop.path('kernel.elf'), '--append', 'line=3 quiet', '--debug-exit');
    assert.equal(status, 7, err);
    assert.match(err, /line=3 quiet\0$/);
  });

  test('--bios and --vgabios put other ROMs in', async () => {
    writeFileSync(workshop.path('bios.bin'), readBios());
    writeFileSync(workshop.path('vgabios.bin'), readVideoBios());
    const roms = ['--bios', workshop.path('bios.bin'), '--vgabios', workshop.path('vgabios.bin')];
    const drawn = workshop.path('roms.png');
    const ran = await runVmm(...booting(`${FILL_RED}${exitWith(0)}`, '--debug-exit', ...roms, '--screenshot-on-exit', drawn));
    assert.equal(ran.status, 1, ran.err);
    // A ROM of ours alone, at the reset vector and at C0000.
    const rom = new Uint8Array(0x1_0000).fill(0xf4);
    const at = (offset: number, code: string) => rom.set(assemble(`bits 16\norg ${offset}\n${code}`, { file: 'rom' }).bytes, offset);
    at(0xfff0, 'jmp 0xF000:0x0100\n');
    at(0x100, `mov ax, 0xC000\n mov ds, ax\n mov al, [2]\n out 0xF4, al\n`);
    writeFileSync(workshop.path('own.bin'), rom);
    writeFileSync(workshop.path('own-vga.bin'), Uint8Array.of(0x55, 0xaa, 77));
    const own = ['--bios', workshop.path('own.bin'), '--vgabios', workshop.path('own-vga.bin')];
    assert.equal((await runVmm('run', ...own, '--debug-exit', '--timeout', '30')).status, 155);
  });

  test.skipIf(!existsSync(SEABIOS) || !existsSync(SEABIOS_VGA))('SeaBIOS by its files (skipped without package seabios)', async () => {
    const words = ['--bios', SEABIOS, '--vgabios', SEABIOS_VGA, '--memory', '32M', '--exit-on', 'No bootable device', '--timeout', '90'];
    assert.equal((await runVmm('run', ...words)).status, 0);
  });
});

describe('COM1', () => {
  const talk = (socket: Socket): { heard: string } => {
    const conversation = { heard: '' };
    socket.on('data', (piece: Buffer) => {
      conversation.heard += piece.toString('latin1');
    });
    socket.on('error', () => {});
    return conversation;
  };

  test('--serial stdio joins the terminal', async () => {
    const vmm = start(booting(ECHO, '--exit-on', 'IBM', '--timeout', '60'));
    await until('the prompt', () => vmm.out.includes('>') || undefined, 30_000);
    vmm.type('HAL');
    assert.equal(await vmm.status, 0);
    assert.equal(vmm.out, '>IBM');
  });

  test('--serial tcp: and unix: listen', async () => {
    const port = await freePort();
    const path = workshop.path('com1.sock');
    for (const [target, address] of [
      [`tcp:127.0.0.1:${port}`, { host: '127.0.0.1', port }],
      [`unix:${path}`, { path }],
    ] as const) {
      const vmm = start(booting(ECHO, '--serial', target, '--exit-on', 'IBM', '--timeout', '60'));
      const socket = await until('the socket', () => opened(address), 30_000);
      const conversation = talk(socket);
      // The guest hears nothing before it has set up its UART.
      const asking = setInterval(() => socket.write('HAL'), 300);
      assert.equal(await vmm.status, 0, vmm.err);
      clearInterval(asking);
      assert.include(conversation.heard, 'IBM');
      assert.equal(vmm.out, '', 'COM1 is at the socket alone');
      socket.destroy();
    }
    assert.isFalse(existsSync(path), 'the socket file is removed');
  });

  test('--serial refuses what it cannot be', async () => {
    for (const target of ['tcp:0.0.0.0:4000', 'tcp:127.0.0.1', 'unix:', 'pty']) {
      assert.deepEqual(await refusal(...booting(STAY, '--serial', target)), {
        status: 2,
        line: `x86-vmm: --serial ${target}: give stdio, none, tcp:127.0.0.1:PORT or unix:PATH`,
      });
    }
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { status, line } = await refusal(...booting(STAY, '--serial', `tcp:127.0.0.1:${port}`));
    assert.equal(status, 2);
    assert.match(line, new RegExp(`^x86-vmm: --serial tcp:127\\.0\\.0\\.1:${port}: .*in use`));
    server.close();
  });
});

describe('a saved machine', () => {
  test('--save at the end, --restore goes on from there', async () => {
    const saved = workshop.path('machine.state');
    const count = `call set_serial\n${say('one')}.wait: mov dx, 0x3FD\n in al, dx\n test al, 1\n jz .wait\n${say('two')}${exitWith(6)}`;
    const words = booting(count, '--debug-exit');
    const first = await runVmm(...words, '--exit-on', 'one', '--save', saved, '--timeout', '60');
    assert.deepEqual([first.status, first.out], [0, 'one'], first.err);
    assert.isAbove(statSync(saved).size, 1000);

    const again = start([...words, '--restore', saved, '--timeout', '60']);
    again.type('x');
    assert.equal(await again.status, 13, again.err);
    assert.equal(again.out, 'two', 'it went on where it was');

    const line = async (...more: string[]) => refusal(...words, ...more);
    assert.match((await line('--restore', saved, '--memory', '16M')).line, /^x86-vmm: --restore .*machine\.state: .*8 MiB/);
    truncateSync(saved, 5000);
    assert.equal((await line('--restore', saved)).status, 4);
    writeFileSync(saved, 'not a saved machine');
    assert.equal((await line('--restore', saved)).status, 4);
    assert.deepEqual(await line('--restore', workshop.path('nowhere.state')), {
      status: 4,
      line: `x86-vmm: --restore ${workshop.path('nowhere.state')}: there is no such file or folder; check the path`,
    });
  });

  test('a diskette that was written since is told', async () => {
    const saved = workshop.path('disk.state');
    const words = booting(`call set_serial\n${say('one')}${STAY}`);
    assert.equal((await runVmm(...words, '--exit-on', 'one', '--save', saved, '--timeout', '60')).status, 0);
    copyFileSync(workshop.path('boot.img'), workshop.path('copy.img'));
    copyFileSync(workshop.path('copy.img'), workshop.path('boot.img'));
    const { status, line } = await refusal(...words, '--restore', saved);
    assert.equal(status, 4);
    assert.match(line, /^x86-vmm: --restore .*disk\.state: .* was written after/);
  });
});

describe('--vnc', () => {
  /** A display number whose port is free. */
  async function display(): Promise<number> {
    for (;;) {
      const number = 100 + Math.floor(Math.random() * 800);
      const server = createServer();
      const free = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen(5900 + number, '127.0.0.1', () => resolve(true));
      });
      await new Promise((resolve) => server.close(resolve));
      if (free) return number;
    }
  }

  /** The handshake of RFC 6143 §7.1: version and the security types that are offered. */
  async function offered(number: number): Promise<{ version: string; types: number[]; socket: Socket }> {
    const socket = await until('the VNC port', () => opened({ host: '127.0.0.1', port: 5900 + number }), 30_000);
    let bytes = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
    });
    await until('the version', () => bytes.length >= 12 || undefined);
    const version = bytes.toString('latin1', 0, 12);
    socket.write('RFB 003.008\n');
    await until('the security types', () => (bytes.length > 12 && bytes.length >= 13 + bytes[12]!) || undefined);
    return { version, types: [...bytes.subarray(13, 13 + bytes[12]!)], socket };
  }

  test('on loopback without a password; with a password file only for who knows it', async () => {
    const open = await display();
    start(booting(STAY, '--vnc', `127.0.0.1:${open}`, '--timeout', '60'));
    const free = await offered(open);
    assert.deepEqual([free.version, free.types], ['RFB 003.008\n', [1]]);
    // None chosen, shared: SecurityResult 0, then ServerInit with the size of the text screen.
    let bytes = Buffer.alloc(0);
    free.socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
    });
    free.socket.write(Uint8Array.of(1, 1));
    await until('ServerInit', () => bytes.length >= 28 || undefined);
    assert.equal(bytes.readUInt32BE(0), 0);
    assert.deepEqual(bytes.toString('latin1', 28, 38), 'Millwright');
    free.socket.destroy();

    writeFileSync(workshop.path('password'), 'secret\n');
    const closed = await display();
    start(booting(STAY, '--vnc', `127.0.0.1:${closed}`, '--vnc-password-file', workshop.path('password'), '--timeout', '60'));
    const guarded = await offered(closed);
    assert.deepEqual(guarded.types, [2], 'VNC authentication and nothing else');
    guarded.socket.destroy();
  });

  test('beyond loopback only with a password file', async () => {
    for (const address of ['0.0.0.0:901', '[::]:901', '192.0.2.1:901']) {
      assert.deepEqual(await refusal(...booting(STAY, '--vnc', address)), {
        status: 2,
        line: `x86-vmm: --vnc ${address}: beyond loopback a --vnc-password-file is required`,
      });
    }
    writeFileSync(workshop.path('empty'), '\n');
    const given = (file: string) => refusal(...booting(STAY, '--vnc', '127.0.0.1:901', '--vnc-password-file', workshop.path(file)));
    assert.match((await given('empty')).line, /--vnc-password-file .*empty: is empty/);
    assert.match((await given('absent')).line, /--vnc-password-file .*absent: there is no such file/);
    assert.equal((await refusal(...booting(STAY, '--vnc', 'localhost'))).status, 2);
  });
});

describe('--lockstep', () => {
  const STEPS = ['--icount', '20', '--lockstep', '20000'];

  test('the same machine in two engines, compared on the way', async () => {
    const byText = await runVmm(...booting(`call set_serial\n${say('on')}${STAY}`, ...STEPS, '--exit-on', 'on', '--timeout', '60'));
    assert.equal(byText.status, 0, byText.err);
    assert.match(byText.err, /^x86-vmm: \d+ instructions in the interpreter and in auto, compared \d+ times \([\d.]+ ms each\)\n$/);
    const bySteps = await runVmm(...booting(STAY, ...STEPS, '--steps', '50000', '--engine', 'translator'));
    assert.match(bySteps.err, /^x86-vmm: 50000 instructions in the interpreter and in translator, compared 3 times /);
    assert.equal(bySteps.status, 0);
  });

  test('what cannot be compared is refused', async () => {
    const refused = async (...words: string[]) => refusal(...booting(STAY, ...words));
    assert.deepEqual(await refused('--lockstep', '100'), { status: 2, line: 'x86-vmm: --lockstep: needs --icount' });
    assert.equal((await refused('--lockstep', '0', '--icount', '20')).status, 2);
    assert.deepEqual(await refused(...STEPS, '--save', workshop.path('state')), {
      status: 2,
      line: 'x86-vmm: --save: not together with --lockstep',
    });
  });
});

describe('verify', () => {
  test('the three conditions hold, as figures', async () => {
    const { status, out, err } = await runVmm('verify', '--seconds', '0.2', '--json');
    const figures = JSON.parse(out);
    assert.deepEqual([status, err], [0, ''], out);
    assert.deepInclude(figures.resourceControl, { violations: [], holds: true });
    assert.deepInclude(figures.equivalence, { differences: [], holds: true });
    assert.isAtLeast(figures.efficiency.share, 0.99);
    for (const count of [figures.resourceControl.programs, figures.equivalence.programs, figures.equivalence.bootInstructions])
      assert.isAbove(count, 0);
  }, 300_000);

  test('a time that is none is refused', async () => {
    const { status, line } = await refusal('verify', '--seconds', 'soon');
    assert.equal(status, 2);
    assert.match(line, /^x86-vmm: --seconds soon: give seconds/);
  });
});

describe('what makes no sense', () => {
  test('usage errors are status 2 and one line that names the flag', async () => {
    for (const [words, line] of [
      [['--memory', '0'], /^x86-vmm: --memory 0: give 1M to 3072M$/],
      [['--memory', 'much'], /^x86-vmm: --memory much: /],
      [['--timeout', 'soon'], /^x86-vmm: --timeout soon: give seconds/],
      [['--timeout', '-1'], /^x86-vmm: --timeout -1: give seconds|argument/],
      [['--boot', 'x'], /^x86-vmm: --boot x: letters a/],
      [['--stats', 'xml'], /^x86-vmm: --stats xml: one of json, text$/],
      [['--trace', 'all'], /^x86-vmm: --trace all: give post$/],
      [['--icount', '0.5'], /^x86-vmm: --icount 0\.5: give a whole number/],
      [['--exit-on', ''], /^x86-vmm: --exit-on: give a text$/],
      [['--initrd', '/dev/null'], /^x86-vmm: --initrd: needs --kernel$/],
      [['--no-such-flag'], /unknown option '--no-such-flag'/],
      [['--disk'], /--disk <file>.* argument missing/],
      [['surplus'], /too many arguments/],
      [['--save', '/nowhere/at/all'], /^x86-vmm: --save \/nowhere\/at\/all: there is no such file or folder/],
      [['--screenshot-on-exit', '/nowhere/at.png'], /^x86-vmm: --screenshot-on-exit /],
      [['--dump-state', '/nowhere/at.json'], /^x86-vmm: --dump-state /],
    ] as const) {
      const refused = await refusal('run', ...words);
      assert.equal(refused.status, 2, refused.line);
      assert.match(refused.line, line);
    }
    assert.equal((await runVmm('walk')).status, 2);
    assert.equal((await runVmm()).status, 2);
    const version = await runVmm('--version');
    assert.deepEqual([version.status, /^\d+\.\d+\.\d+\n$/.test(version.out)], [0, true]);
    assert.equal((await runVmm('run', '--help')).status, 0);
  });

  test('images that cannot be used are status 4 and one line that names the flag and the mend', async () => {
    const file = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(workshop.path(name), bytes);
      return workshop.path(name);
    };
    const good = workshop.image('good.img', new Uint8Array());
    for (const [words, line] of [
      [['--disk', workshop.path('absent')], /--disk .*absent: there is no such file or folder; check the path$/],
      [['--disk', good, '--disk', workshop.path('absent')], /--disk .*absent: there is no such file/],
      [['--disk', workshop.folder], /--disk .*: is a folder; give an image file$/],
      [['--disk', file('empty.img', '')], /--disk .*empty\.img: the file is empty; give an image$/],
      [
        ['--disk', file('a.qcow2', Buffer.from('QFI\xfb and more', 'latin1'))],
        /--disk .*: the file is .*; convert it to a raw image first/,
      ],
      [['--cdrom', workshop.path('absent.iso')], /--cdrom .*: there is no such file/],
      [['--floppy', file('odd.img', new Uint8Array(5 << 20))], /--floppy .*odd\.img: /],
      [['--kernel', file('kernel', new Uint8Array(4096))], /--kernel .*kernel: .*bzImage/],
      [['--kernel', good, '--initrd', workshop.path('absent')], /--initrd .*: there is no such file/],
      [['--bios', file('small.bin', new Uint8Array(1000))], /--bios .*small\.bin: 1000 bytes; a system ROM has 64, 128, 256 or 512 KiB$/],
      [['--vgabios', file('large.bin', new Uint8Array(70_000))], /--vgabios .*large\.bin: 70000 bytes/],
    ] as const) {
      const refused = await refusal('run', '--timeout', '5', ...words);
      assert.equal(refused.status, 4, refused.line);
      assert.match(refused.line, line);
      assert.match(refused.line, /^x86-vmm: /);
    }
  });
});

/** A connection, when somebody listens. */
function opened(address: { host: string; port: number } | { path: string }): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address as { path: string });
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}
