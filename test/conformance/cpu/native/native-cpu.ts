import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '@millwright/assembler';
import {
  CODE_BYTES,
  CONTEXT_BYTES,
  Context,
  FPU_BYTES,
  inPages,
  LOCAL_DESCRIPTORS,
  PAGE,
  Place,
  RECORD_BYTES,
  RECORD_CODE,
  RECORD_DATA,
  RECORD_MXCSR,
  RECORD_SIGNAL,
  RECORD_XMM,
  WINDOW,
  WINDOW_BYTES,
  XMM_BYTES,
} from './record.js';

/*
 * The physical CPU in 32-bit user mode. A small static ELF, assembled here by our own assembler, reads records from its standard input, loads
 * each one's whole register state with sigreturn, and is back in its signal handler when the code ends (INT3) or faults; it writes what it found.
 */

/** Where Linux's 32-bit `struct _fpstate` has MXCSR and XMM0: an FXSAVE image behind FSAVE's 112 bytes. */
const FXSAVE_MXCSR = 112 + 24;
const FXSAVE_XMM = 112 + 160;

/** Records read and written at a time: after a crash the last answer tells where. */
const CHUNK = 64;
const PROGRAM = `
%define CHUNK_BYTES ${CHUNK * RECORD_BYTES}
bits 32
org 0x08048000
elf:    db 0x7f, "ELF", 1, 1, 1, 0
        times 8 db 0
        dw 2, 3                         ; executable, i386
        dd 1, start, 52, 0, 0
        dw 52, 32, 4, 0, 0, 0
        dd 1, 0, elf, elf, end - elf, 0x80000, 7, 0x1000
        dd 1, 0, ${Place.data}, ${Place.data}, 0, ${PAGE}, 7, 0x1000
        dd 1, 0, ${Place.code}, ${Place.code}, 0, ${PAGE}, 7, 0x1000
        dd 1, 0, ${Place.stack}, ${Place.stack}, 0, ${PAGE}, 7, 0x1000

FRAME   equ elf + 0x8000                ; sigcontext, behind it zeros: the signal mask
FPSTATE equ elf + 0x9000
SIGNALS equ elf + 0x10000               ; 64 KiB for signal frames
CASES   equ elf + 0x30000
RESULTS equ elf + 0x50000
SYS_EXIT equ 1
SYS_READ equ 3
SYS_WRITE equ 4
SYS_SIGRETURN equ 119
SYS_MODIFY_LDT equ 123
SYS_RT_SIGACTION equ 174
SYS_SIGALTSTACK equ 186
SYS_SCHED_SETAFFINITY equ 241

start:  mov eax, SYS_SCHED_SETAFFINITY  ; the per-CPU segment's limit tells the CPU: always the first, if it may be
        xor ebx, ebx
        mov ecx, 4
        mov edx, one
        int 0x80
        mov esi, descriptors
.descriptor:
        mov eax, SYS_MODIFY_LDT
        mov ebx, 0x11
        mov ecx, esi
        mov edx, 16
        int 0x80
        mov edi, 3                      ; exit status: the LDT was refused
        test eax, eax
        jnz exit
        add esi, 16
        cmp esi, descriptors.end
        jb .descriptor
        mov eax, SYS_SIGALTSTACK
        mov ebx, altstack
        xor ecx, ecx
        int 0x80
        mov edi, signals
.signal:
        movzx ebx, byte [edi]
        mov eax, SYS_RT_SIGACTION
        mov ecx, action
        xor edx, edx
        mov esi, 8
        int 0x80
        inc edi
        cmp edi, signals.end
        jb .signal

chunk:  mov edi, CASES                  ; a whole chunk, or what is left
.read:  mov eax, SYS_READ
        xor ebx, ebx
        mov ecx, edi
        mov edx, CASES + CHUNK_BYTES
        sub edx, edi
        jz .go
        int 0x80
        test eax, eax
        jle .go
        add edi, eax
        jmp .read
.go:    mov [cases_end], edi
        mov dword [case], CASES
        mov dword [result], RESULTS
        cmp edi, CASES
        jne next
        xor edi, edi
exit:   mov eax, SYS_EXIT
        mov ebx, edi
        int 0x80

next:   mov ebx, [case]
        cmp ebx, [cases_end]
        jae answer
        mov eax, 0xcccccccc
        mov edi, ${Place.code}
        mov ecx, ${PAGE / 4}
        rep stosd
        xor eax, eax
        mov edi, ${Place.data}
        mov ecx, ${WINDOW / 4}
        rep stosd
        lea esi, [ebx + ${RECORD_DATA}]
        mov ecx, ${WINDOW_BYTES / 4}
        rep movsd
        mov edi, ${Place.stack}
        mov ecx, ${WINDOW / 4}
        rep stosd
        mov ecx, ${WINDOW_BYTES / 4}
        rep movsd
        mov edi, FPSTATE
        mov ecx, ${FPU_BYTES / 4}
        rep movsd
        mov eax, [ebx + ${RECORD_MXCSR}]
        mov [FPSTATE + ${FXSAVE_MXCSR}], eax
        lea esi, [ebx + ${RECORD_XMM}]
        mov edi, FPSTATE + ${FXSAVE_XMM}
        mov ecx, ${XMM_BYTES / 4}
        rep movsd
        lea esi, [ebx + ${RECORD_CODE}]
        mov edi, ${Place.code}
        mov ecx, ${CODE_BYTES / 4}
        rep movsd
        mov esi, ebx
        mov edi, FRAME
        mov ecx, ${CONTEXT_BYTES / 4}
        rep movsd
        mov dword [FRAME + ${Context.fpstate}], FPSTATE
        mov esp, FRAME
        mov eax, SYS_SIGRETURN
        int 0x80

handler:                                ; [esp + 4] signal, [esp + 8] sigcontext
        push dword 2                    ; AC, NT and ID are the case's
        popfd
        mov edi, [result]
        mov eax, [esp + 4]
        mov [edi + ${RECORD_SIGNAL}], eax
        lea esi, [esp + 8]
        mov ebx, [esi + ${Context.fpstate}]
        mov ecx, ${CONTEXT_BYTES / 4}
        rep movsd
        mov edi, [result]
        add edi, ${RECORD_DATA}
        mov esi, ${Place.data + WINDOW}
        mov ecx, ${WINDOW_BYTES / 4}
        rep movsd
        mov esi, ${Place.stack + WINDOW}
        mov ecx, ${WINDOW_BYTES / 4}
        rep movsd
        mov esi, ebx
        mov ecx, ${FPU_BYTES / 4}
        rep movsd
        mov eax, [ebx + ${FXSAVE_MXCSR}]
        mov edi, [result]
        mov [edi + ${RECORD_MXCSR}], eax
        add edi, ${RECORD_XMM}
        lea esi, [ebx + ${FXSAVE_XMM}]
        mov ecx, ${XMM_BYTES / 4}
        rep movsd
        add dword [case], ${RECORD_BYTES}
        add dword [result], ${RECORD_BYTES}
        jmp next

answer: mov edi, RESULTS
.write: mov eax, SYS_WRITE
        mov ebx, 1
        mov ecx, edi
        mov edx, [result]
        sub edx, edi
        jz chunk
        int 0x80
        mov esi, eax
        add edi, eax
        test esi, esi
        jg .write
        mov edi, 4
        jmp exit

align 4
one:    dd 1
altstack: dd SIGNALS, 0, 0x10000
action: dd handler, 0x48000000, 0, 0, 0 ; on the alternate stack, not blocked by itself
signals: db 4, 5, 7, 8, 11
.end:
align 4
descriptors:
${LOCAL_DESCRIPTORS.map((_, index) => `        dd ${userDescriptor(index).join(', ')}`).join('\n')}
.end:
case:   dd 0
result: dd 0
cases_end: dd 0
end:
`;

/** `struct user_desc`: number, base, limit, flags. */
function userDescriptor(index: number): number[] {
  const { base, limit, kind, is32, isRestricted, isAbsent } = LOCAL_DESCRIPTORS[index]!;
  const flags =
    Number(is32) | (kind << 1) | (Number(isRestricted ?? false) << 3) | (Number(inPages(index)) << 4) | (Number(isAbsent ?? false) << 5);
  return [index, base, limit, flags];
}

/** Why the physical CPU cannot be asked on this host, or undefined. */
export function nativeMissing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the oracle is a Linux program for x86 processors';
  if (!/^vendor_id\s*: AuthenticAMD$/m.test(readFileSync('/proc/cpuinfo', 'latin1')))
    return "faults with several causes are expected in an AMD processor's order (compare.ts); this host's is another";
  const cpu = new NativeCpu();
  try {
    cpu.run(Buffer.alloc(0));
    return undefined;
  } catch (error) {
    return (error as Error).message.includes('status 3')
      ? 'modify_ldt is refused here'
      : `32-bit programs do not run here (${(error as Error).message})`;
  } finally {
    cpu.dispose();
  }
}

export class NativeCpu {
  readonly #folder = mkdtempSync(join(tmpdir(), 'native-cpu-'));
  readonly #program = join(this.#folder, 'program');

  constructor() {
    writeFileSync(this.#program, assemble(PROGRAM, { file: 'native-cpu.asm', bits: 32 }).bytes);
    chmodSync(this.#program, 0o700);
  }

  /** Runs records one after the other. @throws Error when the program ends, with how many records were answered */
  run(records: Buffer): Buffer {
    const { status, signal, stdout, error } = spawnSync(this.#program, {
      input: records,
      maxBuffer: records.length + RECORD_BYTES,
      timeout: 120_000,
    });
    if (error || status !== 0 || stdout.length !== records.length) {
      throw new Error(
        `status ${status}, signal ${signal}, ${(stdout?.length ?? 0) / RECORD_BYTES} of ${records.length / RECORD_BYTES} answers ${error?.message ?? ''}`,
      );
    }
    return stdout;
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
