import type { Machine } from '@millwright/x86-vmm';
import { afterEach, assert, beforeEach, test } from 'vitest';
import { Transcript, Workshop } from './support/guest.js';

/*
 * A picture from the guest's own doing: a boot program sets a mode through INT 10h, writes video memory and the DAC, and the pixels that
 * the machine shows are computed here from the rules of the mode, not from the adapter.
 */

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.end());

const READY = `
        mov al, '!'
        out 0xE9, al
.wait:  in al, 0x64                     ; a key lets the program go on
        test al, 1
        jz .wait
        in al, 0x60
`;
const IDLE = `
        mov al, '?'
        out 0xE9, al
.idle:  hlt
        jmp .idle
`;

async function boot(program: string): Promise<{ machine: Machine; transcript: Transcript }> {
  const machine = await workshop.boot(program);
  const transcript = new Transcript(machine, 'debug');
  await machine.start();
  await transcript.seen('!');
  return { machine, transcript };
}

/** Lets the program at READY go on. */
async function goOn(machine: Machine): Promise<void> {
  await machine.key(4, true);
}

/** DAC entry of 6-bit parts as 0xffRRGGBB. */
function color(r: number, g: number, b: number): number {
  const wide = (v: number): number => (v << 2) | (v >> 4);
  return (0xff00_0000 | (wide(r) << 16) | (wide(g) << 8) | wide(b)) >>> 0;
}

test('mode 13h: every byte is a pixel of the DAC, damage is where the guest wrote', async () => {
  const { machine, transcript } = await boot(`
        mov ax, 0x13
        int 0x10
        mov dx, 0x3C8                   ; DAC: entry n is (n, 63 - n, n / 2) for the first 64
        xor al, al
        out dx, al
        inc dx
        xor cx, cx
.dac:   mov al, cl
        out dx, al
        mov al, 63
        sub al, cl
        out dx, al
        mov al, cl
        shr al, 1
        out dx, al
        inc cx
        cmp cx, 64
        jb .dac
        mov ax, 0xA000
        mov es, ax
        xor di, di
.fill:  mov ax, di
        mov bx, di
        mov al, bh
        add al, bl
        and al, 63
        stosb
        cmp di, 64000
        jb .fill
        cli
${READY}
        mov ax, 0xA000
        mov es, ax
        mov byte [es:320 * 100 + 7], 5
${IDLE}
`);
  const first = await machine.requestUpdate(true);
  assert.deepEqual([first.widthPx, first.heightPx], [640, 400], 'the adapter scans each pixel and each line twice');
  for (let y = 0; y < 400; y++) {
    for (let x = 0; x < 640; x++) {
      const at = (y >> 1) * 320 + (x >> 1);
      const n = ((at >> 8) + (at & 0xff)) & 63;
      if (machine.frame[y * 640 + x] !== color(n, 63 - n, n >> 1))
        assert.fail(`pixel ${x},${y}: ${machine.frame[y * 640 + x]!.toString(16)}`);
    }
  }
  await goOn(machine);
  await transcript.seen('?');
  const second = await machine.requestUpdate();
  assert.equal(machine.frame[640 * 200 + 14], color(5, 58, 2));
  const damaged = second.rectangles.reduce((sum, { width, height }) => sum + width * height, 0);
  assert.isAbove(damaged, 0);
  assert.isBelow(damaged, 640 * 80, 'one pixel does not damage the screen');
  assert.isTrue(second.rectangles.some(({ x, y, width, height }) => x <= 14 && 14 < x + width && y <= 200 && 200 < y + height));
}, 60_000);

test('mode 12h: four planes make a pixel, written through the map mask', async () => {
  const { machine } = await boot(`
        mov ax, 0x12
        int 0x10
        mov ax, 0xA000
        mov es, ax
        xor bx, bx                      ; plane
.plane: mov dx, 0x3C4
        mov ah, 1
        mov cl, bl
        shl ah, cl
        mov al, 2
        out dx, ax
        xor di, di
.fill:  mov ax, di
        shr ax, cl
        xor al, ah
        stosb
        cmp di, 80 * 480
        jb .fill
        inc bx
        cmp bx, 4
        jb .plane
        cli
${READY}
${IDLE}
`);
  const { widthPx, heightPx } = await machine.requestUpdate(true);
  assert.deepEqual([widthPx, heightPx], [640, 480]);
  // The sixteen colours that the BIOS sets: attribute n -> palette n (6: 14h, 8-15: 38h-3Fh), DAC of EGA colours.
  const palette = Array.from({ length: 16 }, (_, n) => {
    const ega = n === 6 ? 0x14 : n < 8 ? n : 0x38 + (n - 8);
    const part = (low: number, high: number): number => (ega & high ? 42 : 0) + (ega & low ? 21 : 0);
    return color(part(0x20, 0x04), part(0x10, 0x02), part(0x08, 0x01));
  });
  for (let y = 0; y < 480; y++) {
    for (let x = 0; x < 640; x++) {
      let value = 0;
      for (let plane = 0; plane < 4; plane++) {
        const word = ((y * 80 + (x >> 3)) & 0xffff) >> plane;
        value |= ((((word & 0xff) ^ (word >> 8)) >> (7 - (x & 7))) & 1) << plane;
      }
      if (machine.frame[y * 640 + x] !== palette[value])
        assert.fail(`pixel ${x},${y}: ${machine.frame[y * 640 + x]!.toString(16)}, wanted ${palette[value]!.toString(16)}`);
    }
  }
}, 60_000);

test('text mode: glyphs of the font in plane 2, nine dots wide, eight of them the glyph; damage follows a character', async () => {
  const { machine, transcript } = await boot(`
        mov ax, 3
        int 0x10
        mov ax, 0xB800
        mov es, ax
        mov word [es:0], 0x1E41         ; A, yellow on blue
        mov word [es:2], 0x70DB         ; full block
        mov ax, 0x1130                  ; where the 8x16 font is
        mov bh, 6
        int 0x10
        mov si, 'A' * 16
        mov cx, 16
.font:  mov al, [es:bp + si]
        out 0xE9, al
        inc si
        loop .font
        cli
${READY}
        mov ax, 0xB800
        mov es, ax
        mov byte [es:160 * 24 + 158], 'x'
${IDLE}
`);
  const { widthPx, heightPx } = await machine.requestUpdate(true);
  assert.deepEqual([widthPx, heightPx], [720, 400]);
  const font = Buffer.from(transcript.text, 'latin1').subarray(-17, -1);
  const yellow = color(63, 63, 21);
  const blue = color(0, 0, 42);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 9; x++) {
      const lit = x < 8 && (font[y]! >> (7 - x)) & 1;
      assert.equal(machine.frame[y * 720 + x], lit ? yellow : blue, `dot ${x},${y} of A`);
      assert.equal(machine.frame[y * 720 + 9 + x], color(0, 0, 0), `dot ${x},${y} of the block: line graphics repeat the eighth dot`);
    }
  }
  await goOn(machine);
  await transcript.seen('?');
  const { rectangles } = await machine.requestUpdate();
  assert.isTrue(rectangles.some(({ x, y, width, height }) => x + width === 720 && y + height === 400 && height <= 32));
}, 60_000);

test('CGA graphics: two bits a pixel, odd lines in the second half', async () => {
  const { machine } = await boot(`
        mov ax, 4
        int 0x10
        mov ax, 0xB800
        mov es, ax
        xor di, di
.fill:  mov ax, di
        xor al, ah
        stosb
        cmp di, 0x4000
        jb .fill
        cli
${READY}
${IDLE}
`);
  const { widthPx, heightPx } = await machine.requestUpdate(true);
  assert.deepEqual([widthPx, heightPx], [640, 400]);
  const seen = new Map<number, number>();
  for (let y = 0; y < 200; y++) {
    for (let x = 0; x < 320; x++) {
      const at = (y & 1) * 0x2000 + (y >> 1) * 80 + (x >> 2);
      const value = (((at & 0xff) ^ (at >> 8)) >> (6 - 2 * (x & 3))) & 3;
      const pixel = machine.frame[y * 2 * 640 + x * 2]!;
      assert.equal(seen.get(value) ?? pixel, pixel, `pixel ${x},${y} of value ${value}`);
      seen.set(value, pixel);
    }
  }
  assert.equal(new Set(seen.values()).size, 4);
  assert.equal(seen.get(0), color(0, 0, 0));
}, 60_000);

test('VBE 1024x768x32: the linear framebuffer is the picture', async () => {
  const { machine, transcript } = await boot(`
        mov ax, 0x4F02
        mov bx, 0x4144                  ; Bochs mode number 144h, linear
        int 0x10
        cmp ax, 0x004F
        jne failed
        mov ax, 0x4F01
        mov cx, 0x144
        mov di, 0x8000
        int 0x10
        mov esi, [0x8028]               ; PhysBasePtr
        lgdt [gdt_pointer]
        cli
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov bx, 8
        mov fs, bx
        and al, 0xFE
        mov cr0, eax                    ; FS keeps its 4-GiB limit
        xor ecx, ecx
.fill:  imul eax, ecx, 0x010203
        mov [fs:esi + ecx * 4], eax
        inc ecx
        cmp ecx, 1024 * 768
        jb .fill
${READY}
        mov dword [fs:esi + (1024 * 500 + 300) * 4], 0x123456
${IDLE}
failed: mov al, 1
        jmp exit
gdt:    dq 0
        dd 0x0000FFFF, 0x00CF9300
gdt_pointer:
        dw 15
        dd gdt
`);
  const { widthPx, heightPx } = await machine.requestUpdate(true);
  assert.deepEqual([widthPx, heightPx], [1024, 768]);
  for (let at = 0; at < 1024 * 768; at++) {
    const expected = (0xff00_0000 | (Math.imul(at, 0x01_0203) & 0xff_ffff)) >>> 0;
    if (machine.frame[at] !== expected) assert.fail(`pixel ${at}: ${machine.frame[at]!.toString(16)}, wanted ${expected.toString(16)}`);
  }
  await goOn(machine);
  await transcript.seen('?');
  const { rectangles } = await machine.requestUpdate();
  assert.equal(machine.frame[1024 * 500 + 300], 0xff12_3456);
  assert.isBelow(
    rectangles.reduce((sum, { width, height }) => sum + width * height, 0),
    1024 * 8,
    'one page of video memory is one line',
  );
}, 60_000);
