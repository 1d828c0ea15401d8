import { randomBytes } from 'node:crypto';
import { assemble } from '@millwright/assembler';
import { encodeOpening } from '@millwright/remote-display/protocol';
import { WebSocket } from 'ws';
import type { BrokerClient } from './broker-client.js';

/*
 * A guest that keeps a ledger on its disk, so that a test can see from outside whether the disk is intact.
 *
 * Record n is one sector of 128 times n, in place n mod 31, so that every cluster of the disk is written again and again. Each
 * record is flushed, and only then written to COM1 (and the screen): "W" and n. At power-on the guest reads every place: "B" and
 * the highest record it found, or "X" when a record is torn. So: no X ever, and after B no less than the last W that was seen.
 *
 * Before that it fills 16 MiB of memory with what does not compress: saving and resuming take long enough to be interrupted.
 */
const PLACES = 31;
/** Not a divisor of a cluster's 128 sectors: the places fall into different clusters and at different offsets. */
const STRIDE = 127;
const DISK_SECTORS = 4096;
const FILLED_BYTES = 16 << 20;

const SOURCE = `
bits 16
org 0x7c00
buffer  equ 0x8000
        jmp 0:start
start:  xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        mov [drive], dl
        in al, 0x92
        or al, 2
        out 0x92, al
        mov dx, 0x3fb                   ; line control: 8 data bits
        mov al, 3
        out dx, al
        cli                             ; FS gets a limit of 4 GiB, which it keeps in real mode
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov bx, 8
        mov fs, bx
        and al, 0xfe
        mov cr0, eax
        sti
        mov edi, 0x200000
        mov ecx, ${FILLED_BYTES / 4}
        mov eax, 1
fill:   imul eax, eax, 1664525
        add eax, 1013904223
        mov [fs:edi], eax
        add edi, 4
        dec ecx
        jnz fill

        xor ebp, ebp
        mov dword [lba], 1
scan:   mov ah, 0x42
        call disk
        mov eax, [buffer]
        test eax, eax
        jz next
        mov di, buffer
        mov cx, 128
        repe scasd
        jne torn
        cmp eax, ebp
        jbe next
        mov ebp, eax
next:   add dword [lba], ${STRIDE}
        cmp dword [lba], ${1 + PLACES * STRIDE}
        jb scan
        mov al, 'B'
        call tell

write:  inc ebp
        mov eax, ebp
        mov di, buffer
        mov cx, 128
        rep stosd
        xor edx, edx
        mov ebx, ${PLACES}
        div ebx
        imul eax, edx, ${STRIDE}
        inc eax
        mov [lba], eax
        mov ax, 0x4300
        call disk
        mov dx, 0x1f7                   ; FLUSH CACHE, ATA-5 8.10
        mov al, 0xe7
        out dx, al
busy:   in al, dx
        test al, 0x80
        jnz busy
        test al, 1
        jnz torn
        mov al, 'W'
        call tell
        hlt
        jmp write

torn:   mov al, 'X'
        call tell
stop:   hlt
        jmp stop

disk:   mov si, packet
        mov dl, [drive]
        int 0x13
        jc torn
        ret

tell:   call put                        ; AL and EBP
        mov cx, 8
        mov ebx, ebp
digit:  rol ebx, 4
        mov al, bl
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe decimal
        add al, 7
decimal: call put
        loop digit
        mov al, 13
        call put
        mov al, 10
put:    mov ah, 0x0e
        push bx
        xor bx, bx
        int 0x10
        pop bx
        push ax
        mov dx, 0x3fd
full:   in al, dx
        test al, 0x20
        jz full
        pop ax
        mov dx, 0x3f8
        out dx, al
        ret

drive:  db 0
packet: db 16, 0
        dw 1
        dw buffer, 0
lba:    dd 0, 0
gdtr:   dw 15
        dd gdt
gdt:    dq 0
        dq 0x00cf92000000ffff
        times 510-($-$$) db 0
        dw 0xaa55
`;

/** A raw disk whose boot sector is the guest. */
export function ledgerDisk(): Buffer {
  const disk = Buffer.alloc(DISK_SECTORS * 512);
  disk.set(assemble(SOURCE, { file: 'ledger.asm' }).bytes);
  // The rest of the first track differs from test to test, so that a hash tells one image from another.
  disk.set(randomBytes(16), disk.length - 16);
  return disk;
}

export interface LedgerEntry {
  /** Booted and found; written and flushed; found torn. */
  readonly kind: 'B' | 'W' | 'X';
  readonly record: number;
}

/** What the guest tells on its console, from the last lines before this was opened. */
export class LedgerLine {
  readonly entries: LedgerEntry[] = [];
  #text = '';
  #hungUp: string | undefined;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (piece: Buffer) => this.#take(piece.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.#hungUp = `${code} ${String(reason)}`.trim();
    });
  }

  static async open(origin: string, client: BrokerClient, machineId: string): Promise<LedgerLine> {
    const { ticket, url } = await client.call('requestTicket', { id: machineId }, { purpose: 'serial', port: 0 });
    const socket = new WebSocket(new URL(url, origin.replace(/^http/, 'ws')), { perMessageDeflate: false, handshakeTimeout: 5_000 });
    const line = new LedgerLine(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve());
      socket.once('error', reject);
      socket.once('close', (code, reason) => reject(new Error(`serial line closed: ${code} ${String(reason)}`)));
    });
    socket.send(encodeOpening(ticket));
    return line;
  }

  /** The last record that the disk has acknowledged; 0 before the first was seen. */
  get written(): number {
    return this.entries.findLast(({ kind }) => kind === 'W')?.record ?? 0;
  }

  /** Why the other side has closed the line; undefined while it is open. */
  get hungUp(): string | undefined {
    return this.#hungUp;
  }

  close(): void {
    this.socket.terminate();
  }

  #take(piece: string): void {
    const lines = (this.#text + piece).split('\n');
    this.#text = lines.pop()!;
    for (const line of lines) {
      const found = /^([BWX])([0-9A-F]{8})\r$/.exec(line);
      // The first line may be the end of one.
      if (found) this.entries.push({ kind: found[1] as LedgerEntry['kind'], record: Number.parseInt(found[2]!, 16) });
    }
  }
}
