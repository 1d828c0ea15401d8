import { afterEach, assert, beforeEach, test } from 'vitest';
import { Transcript, Workshop } from './support/guest.js';

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.end());

/** USB HID usages of the letters and digits that the test types. */
function usageOf(character: string): number {
  if (character >= 'a' && character <= 'z') return 4 + character.charCodeAt(0) - 'a'.charCodeAt(0);
  return character === '0' ? 39 : 30 + Number(character) - 1;
}

test('500 characters typed at once are echoed by a slow guest: a full keyboard buffer makes typing wait, no key is lost', async () => {
  // Slower than the keyboard's own buffer is filled, and quicker than the BIOS's 15 keys are, even where the guest falls behind: those it may lose.
  const machine = await workshop.boot(`
        call set_serial
        mov al, '>'
        call put_serial
.next:  mov ah, 1
        int 0x16
        jz .next
        mov cx, 1000
.slow:  in al, 0x80
        loop .slow
        mov ah, 0
        int 0x16
        call put_serial
        jmp .next
`);
  const transcript = new Transcript(machine, 'serial');
  await machine.start();
  await transcript.seen('>');
  const typed = Array.from({ length: 500 }, (_, i) => 'abcdefghijklmnopqrstuvwxyz0123456789'[((i * i * i) % 1009) % 36]).join('');
  const accepted: Promise<void>[] = [];
  for (const character of typed) accepted.push(machine.key(usageOf(character), true), machine.key(usageOf(character), false));
  await Promise.all(accepted);
  await transcript.seen(typed.slice(-20));
  assert.equal(transcript.text, `>${typed}`);
}, 120_000);

test('serial input waits for the receiver and comes back byte for byte', async () => {
  const machine = await workshop.boot(`
        call set_serial
        mov al, '>'
        call put_serial
.next:  mov dx, 0x3FD
        in al, dx
        test al, 1
        jz .next
        mov dx, 0x3F8
        in al, dx
        xor al, 0x55
        call put_serial
        jmp .next
`);
  const transcript = new Transcript(machine, 'serial');
  await machine.start();
  await transcript.seen('>');
  const bytes = Uint8Array.from({ length: 12_000 }, (_, i) => ((i * 89) ^ (i >> 8)) & 0xff);
  const pending = machine.serialReceive(0, bytes);
  let taken = false;
  void pending.then(() => {
    taken = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.isFalse(taken, 'twelve thousand bytes take a second at 115200 baud');
  await pending;
  const expected = Buffer.from(bytes.map((byte) => byte ^ 0x55)).toString('latin1');
  await transcript.seen(expected.slice(-12));
  assert.equal(transcript.text, `>${expected}`);
}, 60_000);

test('the guest that switches on the absolute pointer is reported, and gets positions through port 5658', async () => {
  const machine = await workshop.boot(`
        mov eax, 0x564D5868             ; ABSPOINTER_COMMAND: read id, then request absolute
        mov ecx, 41
        mov ebx, 0x45414552
        mov dx, 0x5658
        in eax, dx
        mov eax, 0x564D5868
        mov ecx, 39                     ; ABSPOINTER_DATA of the id
        mov ebx, 1
        in eax, dx
        mov eax, 0x564D5868
        mov ecx, 41
        mov ebx, 0x53424152
        in eax, dx
        mov al, '>'
        out 0xE9, al
.next:  mov eax, 0x564D5868
        mov ecx, 40                     ; ABSPOINTER_STATUS
        in eax, dx
        test ax, ax
        jz .next
        mov eax, 0x564D5868
        mov ecx, 39
        mov ebx, 4
        in eax, dx
        cmp bx, 0x4000
        jne .bad
        cmp cx, 0xC000
        jne .bad
        mov al, 7
        jmp exit
.bad:   mov al, 1
        jmp exit
`);
  const transcript = new Transcript(machine, 'debug');
  const modes: boolean[] = [];
  machine.listen((event) => event.event === 'pointer-mode' && modes.push(event.mode.absolute));
  assert.isFalse(machine.pointerAbsolute);
  await machine.start();
  await transcript.seen('>');
  assert.isTrue(machine.pointerAbsolute);
  assert.deepEqual(modes, [true]);
  const stopped = new Promise<void>((resolve) =>
    machine.listen((event) => event.event === 'state' && event.state === 'stopped' && resolve()),
  );
  await machine.movePointerTo(0x4000, 0xc000, 0, 0);
  await stopped;
  assert.deepEqual(machine.stopReason, { kind: 'debug-exit', value: 7 });
}, 30_000);

test('keyboard lights are reported as the guest sets them', async () => {
  const machine = await workshop.boot(`
        mov al, '>'
        out 0xE9, al
.next:  mov ah, 1                       ; the BIOS sets the lights when it looks for a key
        int 0x16
        jmp .next
`);
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('>');
  const lit = new Promise<number>((resolve) => machine.listen((event) => event.event === 'leds' && event.leds & 4 && resolve(event.leds)));
  await machine.key(57, true);
  await machine.key(57, false);
  assert.equal((await lit) & 4, 4, 'Caps Lock');
  assert.equal(machine.leds & 4, 4);
}, 30_000);

test('the text screen can be read as text, with the box drawing of code page 437', async () => {
  const machine = await workshop.boot(`
        mov ax, 3
        int 0x10
        mov ax, 0xB800
        mov es, ax
        mov di, 160 * 4 + 2 * 10
        mov si, text
.next:  lodsb
        test al, al
        jz .done
        stosb
        mov al, 0x1E
        stosb
        jmp .next
.done:  mov al, '!'
        out 0xE9, al
.idle:  hlt
        jmp .idle
text:   db 0xC9, 0xCD, ' Line 3 ', 0xBB, 0
`);
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('!');
  const rows = await machine.textScreen();
  assert.equal(rows?.length, 25);
  assert.equal(rows![4]!.slice(10, 21), '╔═ Line 3 ╗');
}, 30_000);
