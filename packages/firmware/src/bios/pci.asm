; PCI: configuration mechanism 1, address assignment and interrupt routing of bus 0.
; Sources: PCI Local Bus 2.1 ch. 3.2.2.3 and 6.2.5; Intel 82371SB (PIIX3), 82371AB (PIIX4).

PCI_ADDRESS     equ 0xCF8
PCI_DATA        equ 0xCFC
PCI_IO_FIRST    equ 0xC000
PCI_MEM_FIRST   equ 0xE0000000
PCI_MEM_END     equ 0xFEC00000
PM_BASE         equ 0x600               ; PIIX4 power management ports
SMB_BASE        equ 0x700
SCI_IRQ         equ 9

; The four PIRQ inputs' interrupts; slot and pin choose one: (device - 1 + pin - 1) & 3.
pirq_interrupts:
        db 10, 11, 10, 11

; Select register DI of function BX; DX = data port of that byte. Destroys EAX.
pci_select:
        movzx eax, bx
        shl eax, 8
        mov ax, di
        mov ah, bl
        and al, 0xFC
        or eax, 0x80000000
        mov dx, PCI_ADDRESS
        out dx, eax
        mov dx, di
        and dx, 3
        add dx, PCI_DATA
        ret

; EAX = dword at DI of BX. Destroys DX.
pci_read:
        call pci_select
        in eax, dx
        ret
pci_read_byte:
        call pci_select
        in al, dx
        ret
; Write ECX / CX / CL at DI of BX. Destroys EAX, DX.
pci_write:
        call pci_select
        mov eax, ecx
        out dx, eax
        ret
pci_write_word:
        call pci_select
        mov ax, cx
        out dx, ax
        ret
pci_write_byte:
        call pci_select
        mov al, cl
        out dx, al
        ret

; BX = next function that exists, starting at BX; CF = 1 when bus 0 has no more.
pci_next:
        cmp bx, 0x100
        jae .none
        test bl, 7
        jz .look
        push bx                         ; functions 1-7 exist only where function 0 says so
        and bl, 0xF8
        mov di, 0x0E
        call pci_read_byte
        pop bx
        cmp al, 0xFF
        je .skip
        test al, 0x80
        jz .skip
.look:
        mov di, 0
        call pci_read
        cmp ax, 0xFFFF
        jne .found
.skip:
        inc bx
        jmp pci_next
.found:
        clc
        ret
.none:
        stc
        ret

; AX = bus/device/function of the first display controller, FFFFh without one.
find_display:
        xor bx, bx
.next:
        call pci_next
        jc .none
        mov di, 8
        call pci_read
        shr eax, 24
        cmp al, 0x03
        je .found
        inc bx
        jmp .next
.found:
        mov ax, bx
        ret
.none:
        mov ax, 0xFFFF
        ret

init_pci:
        mov ax, SEG_EBDA
        mov es, ax
        mov word [es:EB_PCI_IO], PCI_IO_FIRST
        mov eax, [es:EB_RAM_LOW]
        add eax, 0x00FFFFFF
        and eax, 0xFF000000
        cmp eax, PCI_MEM_FIRST
        jae .memory
        mov eax, PCI_MEM_FIRST
.memory:
        mov [es:EB_PCI_MEMORY], eax
        xor bx, bx
.next:
        call pci_next
        jc .end
        call set_up_function
        inc bx
        jmp .next
.end:
        ret

; One function: base addresses, interrupt line, command, and what certain chips need besides.
set_up_function:
        mov di, 0x0E
        call pci_read_byte
        and al, 0x7F
        jnz .chips                      ; bridges keep what they have
        mov di, 8
        call pci_read
        shr eax, 16
        cmp ax, 0x0600
        je .chips
        mov si, 0x10
        cmp ax, 0x0101
        jne .bar
        mov si, 0x20                    ; an IDE channel in compatibility mode has fixed ports
.bar:
        call assign_bar
        cmp si, 0x28
        jb .bar
        mov di, 0x3D
        call pci_read_byte
        test al, al
        jz .command
        cmp al, 4
        ja .command
        mov cl, bl
        shr cl, 3
        add al, cl
        add al, 2                       ; - 1 - 1, kept positive
        and ax, 3
        mov si, ax
        mov cl, [cs:pirq_interrupts + si]
        mov di, 0x3C
        call pci_write_byte
.command:
        mov di, 4
        call pci_read
        or al, 3
        mov cx, ax
        call pci_write_word
.chips:
        mov di, 0
        call pci_read
        cmp eax, 0x70008086
        je set_up_piix3
        cmp eax, 0x71108086
        je set_up_piix3
        cmp eax, 0x70108086
        je set_up_ide
        cmp eax, 0x71118086
        je set_up_ide
        cmp eax, 0x71138086
        je set_up_pm
        ret

; Give the base address register SI of BX an address; SI = the next register.
assign_bar:
        mov di, si
        call pci_read
        mov ecx, 0xFFFFFFFF
        call pci_write
        call pci_read                   ; ones where address bits can be written
        mov ecx, eax
        test eax, eax
        jz .none
        test al, 1
        jnz .port
        and eax, 0xFFFFFFF0
        jz .none
        neg eax                         ; size
        mov edx, [es:EB_PCI_MEMORY]
        lea edx, [edx + eax - 1]
        neg eax
        and edx, eax                    ; aligned to the size
        neg eax
        add eax, edx
        jc .full
        cmp eax, PCI_MEM_END
        ja .full
        mov [es:EB_PCI_MEMORY], eax
        push cx
        mov ecx, edx
        call pci_write
        pop cx
        and cl, 6
        cmp cl, 4                       ; 64-bit: the upper half is zero
        jne .next
        add si, 4
        mov di, si
        xor ecx, ecx
        call pci_write
        jmp .next
.port:
        and ax, 0xFFFC
        neg ax
        mov dx, [es:EB_PCI_IO]
        add dx, ax
        dec dx
        neg ax
        and dx, ax
        neg ax
        movzx ecx, dx
        add ax, dx
        jc .full
        mov [es:EB_PCI_IO], ax
        call pci_write
        jmp .next
.full:
.none:
        xor ecx, ecx
        mov di, si
        call pci_write
.next:
        add si, 4
        ret

; PIIX3: PIRQ routes (60h-63h) and their interrupts level-triggered, the SCI too.
set_up_piix3:
        mov si, 0
        xor bp, bp                      ; ELCR bits
.route:
        mov cl, [cs:pirq_interrupts + si]
        bts bp, cx
        lea di, [si + 0x60]
        call pci_write_byte
        inc si
        cmp si, 4
        jb .route
        mov cl, SCI_IRQ
        bts bp, cx
        mov ax, bp
        mov dx, 0x4D0
        out dx, al
        mov al, ah
        inc dx
        out dx, al
        ret

; PIIX3 IDE: both channels decode their ports; bus mastering on.
set_up_ide:
        mov di, 0x40
        mov ecx, 0x80008000
        call pci_write
        mov di, 4
        mov cx, 0x0005
        jmp pci_write_word

; PIIX4 power management: ports at PM_BASE, SMBus at SMB_BASE, SCI on IRQ 9.
set_up_pm:
        mov di, 0x3C
        mov cl, SCI_IRQ
        call pci_write_byte
        mov di, 0x40
        mov ecx, PM_BASE | 1
        call pci_write
        mov di, 0x80
        mov cl, 1
        call pci_write_byte
        mov di, 0x90
        mov ecx, SMB_BASE | 1
        call pci_write
        mov di, 0xD2
        mov cl, 0x09                    ; SMBus host on, its interrupt the SCI's
        call pci_write_byte
        mov word [es:EB_PM_BASE], PM_BASE
        mov di, 4
        mov cx, 0x0001
        jmp pci_write_word
