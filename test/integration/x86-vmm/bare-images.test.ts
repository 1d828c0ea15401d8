import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assemble } from '@millwright/assembler';
import { assert, describe, test } from 'vitest';
import { runVmm } from '../../support/x86-vmm.js';
import { refusal, workshop } from './support/workbench.js';

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
    const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../../docs/x86-vmm-state.schema.json', import.meta.url)), 'utf8')) as {
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
    writeFileSync(workshop.path('in.json'), Buffer.from('\x7fELF\x01\0\x1b[2J', 'latin1'));
    const binary = await said('--flat', image, '--cpu-state', workshop.path('in.json'));
    assert.equal(binary.status, 4);
    assert.match(binary.line, /^x86-vmm: --cpu-state [ -~]*in\.json: [ -~]*; give a JSON object of registers$/);
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
