import { copyFileSync } from 'node:fs';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { overlay, SECTOR, Workshop } from './support/guest.js';

/*
 * Instruction-counted machines: firmware, a boot program that reads and writes a disk on every timer tick, and the state they end in. The
 * same run ends in the same hash, wherever it was paused on its way, and a restored machine goes on as the saved one did.
 */

const COUNTED = { clock: { kind: 'instructions', nsPerInstruction: 20 } } as const;
/** Far enough for POST, INT 19h and some hundred disk requests. */
const BOOT_INSTRUCTIONS = 30_000_000;
const MORE_INSTRUCTIONS = 5_000_003;

/** Reads a sector of the hard disk, adds to it, writes it back, and computes in between, for ever. */
const DISK_WORKER = `
again:  mov ax, 0x0201
        call disk
        mov di, 0x8000
        mov cx, 256
add_all:
        mov ax, [di]
        imul ax, ax, 31
        add ax, cx
        stosw
        loop add_all
        in al, 0x40                     ; the timer's count: differs when time does
        stosb
        rdtsc
        stosw
        mov ax, 0x0301
        call disk
        inc word [sector]
        hlt
        mov al, '.'
        out 0xE9, al
        jmp again
disk:   mov bx, 0x8000
        mov cx, [sector]
        and cx, 0x1f
        inc cx
        mov dx, 0x0080
        int 0x13
        jc failed
        ret
failed: mov al, 0x7f
        jmp exit
sector: dw 0
`;

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.end());

async function worker(disk: string, restoreFrom?: string) {
  const image = workshop.image('disk.img', new Uint8Array(SECTOR), 64 * 63);
  const ide = [{ kind: 'disk', backend: overlay(image, workshop.path(disk)) }] as const;
  return workshop.boot(DISK_WORKER, { ...COUNTED, ide }, restoreFrom);
}

test('the same run ends in the same state, also when it is paused on its way', async () => {
  const hashes = [];
  for (const [disk, ...legs] of [
    ['a', BOOT_INSTRUCTIONS + MORE_INSTRUCTIONS],
    ['b', BOOT_INSTRUCTIONS + MORE_INSTRUCTIONS],
    ['c', 12_345_677, BOOT_INSTRUCTIONS - 12_345_677, 1, 1, 1_000_000, MORE_INSTRUCTIONS - 1_000_002],
  ] as const) {
    const machine = await worker(disk);
    for (const leg of legs) await machine.runFor(leg);
    assert.equal((await machine.statistics()).instructions, BOOT_INSTRUCTIONS + MORE_INSTRUCTIONS);
    hashes.push(await machine.stateHash());
  }
  assert.equal(hashes[1], hashes[0]);
  assert.equal(hashes[2], hashes[0]);
}, 120_000);

test('a restored machine goes on exactly as the saved one did', async () => {
  const machine = await worker('saved');
  await machine.runFor(BOOT_INSTRUCTIONS);
  const state = workshop.path('state');
  await machine.save(state);
  const saved = await machine.stateHash();
  // The disk as it is now: the saved machine goes on and writes to its own.
  copyFileSync(workshop.path('saved'), workshop.path('copy'));
  await machine.runFor(MORE_INSTRUCTIONS);
  const end = await machine.stateHash();
  const restored = await worker('copy', state);
  assert.equal(restored.state, 'paused');
  assert.equal(await restored.stateHash(), saved);
  await restored.runFor(MORE_INSTRUCTIONS);
  assert.equal(await restored.stateHash(), end);
}, 120_000);
