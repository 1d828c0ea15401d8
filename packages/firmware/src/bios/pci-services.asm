; PCI BIOS functions B101h-B10Dh on registers alone, included twice: for INT 1Ah (16-bit) and for
; the BIOS32 service (32-bit). Source: PCI BIOS Specification 2.1.
; In: AL function, BX bus/device/function, DI register, CX/ECX value. Out: AH status, CF.
        cmp al, 0x01
        je .present
        cmp al, 0x02
        je .find_device
        cmp al, 0x03
        je .find_class
        cmp al, 0x08
        jb .unsupported
        cmp al, 0x0D
        ja .unsupported
        cmp di, 0x100
        jae .bad_register
        push edx
        push eax
        mov ah, 0                       ; bytes - 1: 0, 1 or 3; a misaligned register is refused
        cmp al, 0x08
        je .aligned
        cmp al, 0x0B
        je .aligned
        test di, 1
        jnz .misaligned
        cmp al, 0x09
        je .aligned
        cmp al, 0x0C
        je .aligned
        test di, 3
        jnz .misaligned
.aligned:
        push eax
        call .select
        pop eax
        cmp al, 0x08
        je .read_byte
        cmp al, 0x09
        je .read_word
        cmp al, 0x0A
        je .read_dword
        cmp al, 0x0B
        je .write_byte
        cmp al, 0x0C
        je .write_word
        mov eax, ecx
        out dx, eax
        jmp .done
.read_byte:
        in al, dx
        mov cl, al
        jmp .done
.read_word:
        in ax, dx
        mov cx, ax
        jmp .done
.read_dword:
        in eax, dx
        mov ecx, eax
        jmp .done
.write_byte:
        mov al, cl
        out dx, al
        jmp .done
.write_word:
        mov ax, cx
        out dx, ax
.done:
        pop eax
        pop edx
        mov ah, 0
        clc
        ret
.misaligned:
        pop eax
        pop edx
.bad_register:
        mov ah, 0x87
        stc
        ret
.unsupported:
        mov ah, 0x81
        stc
        ret
.present:
        mov ax, 0x0001                  ; AH = 0: here; AL = mechanism 1, no special cycles
        mov bx, 0x0210
        mov cl, 0                       ; last bus
        mov edx, 0x20494350             ; 'PCI '
        clc
        ret
.find_device:
        cmp dx, 0xFFFF
        je .bad_vendor
        push edx
        push ecx
        push esi
        push edi
        shl ecx, 16
        mov cx, dx
        mov bx, 0
.device:
        mov di, 0
        call .select
        in eax, dx
        cmp eax, ecx
        jne .other_device
        test si, si
        jz .found
        dec si
.other_device:
        inc bx
        cmp bx, 0x100
        jb .device
        jmp .missing
.find_class:
        push edx
        push ecx
        push esi
        push edi
        and ecx, 0x00FFFFFF
        mov bx, 0
.class:
        mov di, 0
        call .select
        in ax, dx
        cmp ax, 0xFFFF
        je .other_class
        mov di, 8
        call .select
        in eax, dx
        shr eax, 8
        cmp eax, ecx
        jne .other_class
        test si, si
        jz .found
        dec si
.other_class:
        inc bx
        cmp bx, 0x100
        jb .class
.missing:
        pop edi
        pop esi
        pop ecx
        pop edx
        mov ah, 0x86
        stc
        ret
.found:
        pop edi
        pop esi
        pop ecx
        pop edx
        mov ah, 0
        clc
        ret
.bad_vendor:
        mov ah, 0x83
        stc
        ret
; DX = data port of register DI of function BX. Destroys EAX.
.select:
        movzx eax, bx
        shl eax, 8
        mov ax, di
        mov ah, bl
        and al, 0xFC
        or eax, 0x80000000
        mov dx, 0xCF8
        out dx, eax
        mov dx, di
        and dx, 3
        add dx, 0xCFC
        ret
