; INT 15h 53h: Advanced Power Management 1.2, as little as old systems need to switch off.

PM1_CONTROL     equ 4                   ; PIIX4 PMCNTRL
PM_SOFT_OFF     equ 0x2000              ; SUS_TYP 0, SUS_EN

int15_apm:
        mov ax, SEG_EBDA
        mov es, ax
        mov al, [bp + R_AL]
        cmp al, 0x00
        je .check
        cmp al, 0x01
        je .connect_real
        cmp al, 0x02
        je .connect_16
        cmp al, 0x03
        je .connect_32
        cmp al, 0x04
        je .disconnect
        call apm_function
        mov [bp + R_AX], ax
        mov [bp + R_BX], bx
        mov [bp + R_CX], cx
        jc service_fail
        jmp service_ok
.check:
        mov word [bp + R_AX], 0x0102
        mov word [bp + R_BX], 0x504D    ; 'PM'
        mov word [bp + R_CX], 0x0003    ; 16- and 32-bit interfaces
        jmp service_ok
.connect_real:
        mov byte [es:EB_APM_STATE], 1
        jmp service_ok_ah0
.connect_16:
        mov byte [es:EB_APM_STATE], 2
        mov word [bp + R_AX], SEG_BIOS
        mov word [bp + R_BX], apm_entry_16
        mov word [bp + R_CX], SEG_BIOS
        mov word [bp + R_SI], 0xFFFF
        mov word [bp + R_DI], 0xFFFF
        jmp service_ok
.connect_32:
        mov byte [es:EB_APM_STATE], 3
        mov word [bp + R_AX], SEG_BIOS
        mov dword [bp + R_EBX], apm_entry_32
        mov word [bp + R_CX], SEG_BIOS
        mov word [bp + R_DX], SEG_BIOS
        mov dword [bp + R_ESI], 0xFFFFFFFF
        mov word [bp + R_DI], 0xFFFF
        jmp service_ok
.disconnect:
        mov byte [es:EB_APM_STATE], 0
        jmp service_ok_ah0

; Functions on registers: AL function, BX device, CX value. Out: AX, BX, CX, CF.
apm_function:
        mov bx, [bp + R_BX]
        mov cx, [bp + R_CX]
apm_core:
%include "apm-core.asm"

apm_entry_16:
        call apm_core
        retf

bits 32
apm_entry_32:
        call apm_core_32
        retf
apm_core_32:
%include "apm-core.asm"
bits 16
