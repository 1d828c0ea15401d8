; INT 1Ah: time of day, real-time clock, PCI BIOS. Source: IBM PS/2 BIOS interface reference,
; Motorola MC146818A data sheet, PCI BIOS 2.1.

; POST: clock on, and the tick count of the day from it.
init_clock:
        mov ax, SEG_BDA
        mov ds, ax
        mov ax, 0x260A                  ; 32768 Hz base, 1024 Hz periodic rate
        call write_cmos
        mov al, 0x0B
        call read_cmos
        and al, 0x07                    ; keep the formats; no interrupts, running
        or al, 0x02
        and al, 0xFB                    ; BCD, 24 hours
        mov ah, al
        mov al, 0x0B
        call write_cmos
        mov al, 0x0C
        call read_cmos
        mov al, 0x0D
        call read_cmos
        call wait_rtc
        mov al, 0x04
        call .binary
        imul ebx, eax, 3600
        mov al, 0x02
        call .binary
        imul eax, eax, 60
        add ebx, eax
        mov al, 0x00
        call .binary
        add eax, ebx
        mov ecx, 1193182                ; ticks = seconds * 1193182 / 65536
        mul ecx
        shrd eax, edx, 16
        cmp eax, 0x1800B0
        jb .store
        xor eax, eax
.store:
        mov [BDA_TICKS], eax
        mov byte [BDA_MIDNIGHT], 0
        ret
; EAX = BCD register AL as a number.
.binary:
        call read_cmos
        mov ah, al
        shr ah, 4
        and al, 0x0F
        aad
        movzx eax, al
        ret

; Wait while the clock updates itself (at most 2 ms).
wait_rtc:
        push cx
        mov cx, 0x2000
.poll:
        mov al, 0x0A
        call read_cmos
        test al, 0x80
        loopnz .poll
        pop cx
        ret

int1a_entry:
        cmp ah, 0xB1
        je int1a_pci
        sti
        ENTER_SERVICE
        movzx bx, byte [bp + R_AH]
        cmp bl, 7
        ja service_fail
        shl bx, 1
        jmp [cs:bx + clock_functions]
clock_functions:
        dw .get_ticks, .set_ticks, .get_time, .set_time, .get_date, .set_date, .set_alarm, .end_alarm
.get_ticks:
        cli
        mov ax, [BDA_TICKS]
        mov [bp + R_DX], ax
        mov ax, [BDA_TICKS + 2]
        mov [bp + R_CX], ax
        mov al, 0
        xchg al, [BDA_MIDNIGHT]
        mov [bp + R_AL], al
        mov byte [bp + R_AH], 0
        jmp service_ok
.set_ticks:
        cli
        mov ax, [bp + R_DX]
        mov [BDA_TICKS], ax
        mov ax, [bp + R_CX]
        mov [BDA_TICKS + 2], ax
        mov byte [BDA_MIDNIGHT], 0
        mov byte [bp + R_AH], 0
        jmp service_ok
.get_time:
        call wait_rtc
        mov al, 0x00
        call read_cmos
        mov [bp + R_DH], al
        mov al, 0x02
        call read_cmos
        mov [bp + R_CL], al
        mov al, 0x04
        call read_cmos
        mov [bp + R_CH], al
        mov al, 0x0B
        call read_cmos
        and al, 1
        mov [bp + R_DL], al
        mov [bp + R_AL], ch
        mov byte [bp + R_AH], 0
        jmp service_ok
.set_time:
        call .hold
        mov al, 0x00
        mov ah, [bp + R_DH]
        call write_cmos
        mov al, 0x02
        mov ah, [bp + R_CL]
        call write_cmos
        mov al, 0x04
        mov ah, [bp + R_CH]
        call write_cmos
        mov al, 0x0B
        call read_cmos
        and al, 0x7E
        mov ah, [bp + R_DL]
        and ah, 1
        or ah, al
        mov al, 0x0B
        call write_cmos
        mov byte [bp + R_AH], 0
        jmp service_ok
.get_date:
        call wait_rtc
        mov al, 0x07
        call read_cmos
        mov [bp + R_DL], al
        mov al, 0x08
        call read_cmos
        mov [bp + R_DH], al
        mov al, 0x09
        call read_cmos
        mov [bp + R_CL], al
        mov al, 0x32
        call read_cmos
        mov [bp + R_CH], al
        mov byte [bp + R_AH], 0
        jmp service_ok
.set_date:
        call .hold
        mov al, 0x07
        mov ah, [bp + R_DL]
        call write_cmos
        mov al, 0x08
        mov ah, [bp + R_DH]
        call write_cmos
        mov al, 0x09
        mov ah, [bp + R_CL]
        call write_cmos
        mov al, 0x32
        mov ah, [bp + R_CH]
        call write_cmos
        mov al, 0x0B
        call read_cmos
        and al, 0x7F
        mov ah, al
        mov al, 0x0B
        call write_cmos
        mov byte [bp + R_AH], 0
        jmp service_ok
.set_alarm:
        mov al, 0x0B
        call read_cmos
        test al, 0x20
        mov word [bp + R_AX], 0
        jnz service_fail                ; one is set already
        mov al, 0x01
        mov ah, [bp + R_DH]
        call write_cmos
        mov al, 0x03
        mov ah, [bp + R_CL]
        call write_cmos
        mov al, 0x05
        mov ah, [bp + R_CH]
        call write_cmos
        in al, PIC2 + 1
        and al, 0xFE
        out PIC2 + 1, al
        mov al, 0x0B
        call read_cmos
        or al, 0x20
        jmp .write_b
.end_alarm:
        mov al, 0x0B
        call read_cmos
        and al, 0xDF
.write_b:
        mov ah, al
        mov al, 0x0B
        call write_cmos
        jmp service_ok
; SET bit: the clock stands while it is being written.
.hold:
        mov al, 0x0B
        call read_cmos
        or al, 0x80
        mov ah, al
        mov al, 0x0B
        jmp write_cmos

; ---- PCI BIOS in real mode ----
int1a_pci:
        cmp al, 0x0E
        je .routing
        cmp al, 0x0F
        je .set_interrupt
        call pci_services_16
.answer:
        push bp                         ; CF into the caller's flags
        mov bp, sp
        jc .error
        and byte [bp + 6], 0xFE
        pop bp
        iret
.error:
        or byte [bp + 6], 0x01
        pop bp
        iret
.set_interrupt:
        mov ah, 0x88                    ; routes are fixed at POST
        stc
        jmp .answer
; B10Eh: routing options to ES:DI = {word size, far pointer}; BX = interrupts only PCI uses.
.routing:
        push si
        push cx
        mov cx, pir_slots_end - pir_slots
        mov bx, PCI_ONLY_INTERRUPTS
        cmp [es:di], cx
        mov [es:di], cx
        mov ah, 0x89
        jb .routed
        push di
        push es
        les di, [es:di + 2]
        mov si, pir_slots
        cld
.copy:
        mov al, [cs:si]
        stosb
        inc si
        loop .copy
        pop es
        pop di
        mov al, 0x0E
        mov ah, 0
        clc
.routed:
        pop cx
        pop si
        jmp .answer

pci_services_16:
%include "pci-services.asm"
