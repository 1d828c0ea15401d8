; VBE protected-mode interface.

; ---- 4F0Ah: relocatable 32-bit code for functions 05h, 07h, 09h ----
protected_table:
        dw protected_window - protected_table
        dw protected_start - protected_table
        dw protected_palette - protected_table
        dw protected_ports - protected_table
protected_ports:
        dw DISPI_INDEX, DISPI_DATA, 0x3C8, 0x3C9, 0xFFFF, 0xFFFF
bits 32
; DX = window position.
protected_window:
        push ebx
        mov ebx, edx
        mov dx, DISPI_INDEX
        mov ax, DI_BANK
        out dx, ax
        inc edx
        mov eax, ebx
        out dx, ax
        pop ebx
        mov ax, 0x004F
        ret
; CX, DX = bits 15-0 and 31-16 of the start in dwords.
protected_start:
        push ebx
        push ecx
        push edx
        shl edx, 16
        mov dx, cx
        mov ebx, edx
        shl ebx, 2                      ; bytes
        mov dx, DISPI_INDEX
        mov ax, DI_BPP
        out dx, ax
        inc edx
        xor eax, eax
        in ax, dx
        add eax, 7
        shr eax, 3
        push eax                        ; bytes per pixel
        dec edx
        mov ax, DI_WIDTH
        out dx, ax
        inc edx
        xor eax, eax
        in ax, dx
        mov ecx, eax
        imul ecx, [esp]                 ; bytes per line
        mov eax, ebx
        xor edx, edx
        div ecx
        mov ecx, eax                    ; line
        mov eax, edx
        xor edx, edx
        pop ebx
        div ebx
        mov ebx, eax                    ; column
        mov dx, DISPI_INDEX
        mov ax, DI_X
        out dx, ax
        inc edx
        mov eax, ebx
        out dx, ax
        dec edx
        mov ax, DI_Y
        out dx, ax
        inc edx
        mov eax, ecx
        out dx, ax
        pop edx
        pop ecx
        pop ebx
        mov ax, 0x004F
        ret
; CX entries from DX on, ES:EDI = blue, green, red, 0.
protected_palette:
        pushad
        movzx ecx, cx
        mov al, dl
        mov dx, 0x3C8
        out dx, al
        inc edx
.next:
        jecxz .end
        mov al, [es:edi + 2]
        out dx, al
        mov al, [es:edi + 1]
        out dx, al
        mov al, [es:edi]
        out dx, al
        add edi, 4
        dec ecx
        jmp .next
.end:
        popad
        mov ax, 0x004F
        ret
protected_end:
bits 16
