; Memory, system services, keyboard, clock, PCI.
        SAY "int11"
        int 0x11
        call blank
        call hex16
        call line
        SAY "int12"
        int 0x12
        call blank
        call hex16
        call line
        SAY "15.88"
        mov ah, 0x88
        int 0x15
        call carry
        call blank
        call hex16
        call line
        SAY "15.E801"
        mov ax, 0xE801
        int 0x15
        call carry
        call blank
        call hex16
        call blank
        mov ax, bx
        call hex16
        call line
        xor ebx, ebx
.e820:
        mov eax, 0xE820
        mov edx, 0x534D4150
        mov ecx, 20
        mov di, scratch
        int 0x15
        jc .e820_end
        SAY "e820"
        push ebx
        mov si, scratch
        mov cx, 2
.pair:
        call blank
        mov eax, [si + 4]
        call hex32
        mov eax, [si]
        call hex32
        add si, 8
        loop .pair
        call blank
        mov al, [si]
        call hex8
        call line
        pop ebx
        test ebx, ebx
        jnz .e820
.e820_end:
        SAY "15.C0"
        mov ah, 0xC0
        int 0x15
        call carry
        mov al, [es:bx + 2]
        call blank
        call hex8
        xor ax, ax
        mov es, ax
        call line
        SAY "15.24"
        mov ax, 0x2402
        int 0x15
        call carry
        call blank
        call hex8
        call line
        ; 87h: write above 1 MiB, read back
        SAY "15.87"
        mov dword [scratch], 0x12345678
        mov dword [block + 0x10], 0xFFFF | ((scratch & 0xFFFF) << 16)
        mov dword [block + 0x14], 0x00009300
        mov dword [block + 0x18], 0x0000FFFF
        mov dword [block + 0x1C], 0x00009320
        mov si, block
        mov cx, 2
        mov ah, 0x87
        int 0x15
        call carry
        mov dword [block + 0x10], 0x0000FFFF
        mov dword [block + 0x14], 0x00009320
        mov dword [block + 0x18], 0xFFFF | (((scratch + 16) & 0xFFFF) << 16)
        mov dword [block + 0x1C], 0x00009300
        mov si, block
        mov cx, 2
        mov ah, 0x87
        int 0x15
        call carry
        call blank
        mov eax, [scratch + 16]
        call hex32
        call line
        SAY "15.86"
        mov ah, 0
        int 0x1A
        push dx
        mov cx, 4                       ; 0.262 s, nearly five ticks
        mov dx, 0
        mov ah, 0x86
        int 0x15
        call carry
        mov ah, 0
        int 0x1A
        pop ax
        sub dx, ax
        cmp dx, 4
        jb .short
        cmp dx, 40
        ja .short
        SAY " waited"
.short:
        call line
        SAY "15.53"
        mov ax, 0x5300
        xor bx, bx
        int 0x15
        call carry
        call blank
        mov ax, bx
        call hex16
        call line
        SAY "15.C2"
        mov ax, 0xC205
        mov bh, 3
        int 0x15
        call carry
        mov ax, 0xC204
        int 0x15
        call carry
        mov al, bh
        call blank
        call hex8
        push cs
        pop es
        mov bx, mouse_handler
        mov ax, 0xC207
        int 0x15
        call carry
        mov bh, 1
        mov ax, 0xC200
        int 0x15
        call carry
        call line
        SAY "16"
        mov ah, 5
        mov cx, 0x1E61
        int 0x16
        mov ah, 5
        mov cx, 0x4BE0
        int 0x16
        mov ah, 1
        int 0x16
        call blank
        call hex16
        mov ah, 0
        int 0x16
        call blank
        call hex16
        mov ah, 0x10
        int 0x16
        call blank
        call hex16
        mov ah, 1
        int 0x16
        jnz .keys
        SAY " empty"
.keys:
        call line
        SAY "1A.02"
        mov ah, 2
        int 0x1A
        call carry
        call blank
        mov al, ch
        call hex8
        mov al, cl
        call hex8
        call line
        SAY "1A.04"
        mov ah, 4
        int 0x1A
        call carry
        call blank
        mov ax, cx
        call hex16
        mov ax, dx
        call hex16
        call line
        SAY "1A.B101"
        mov ax, 0xB101
        int 0x1A
        call carry
        call blank
        call hex16
        call blank
        mov eax, edx
        call hex32
        call line
        SAY "1A.B102"
        mov ax, 0xB102
        mov cx, 0x7000
        mov dx, 0x8086
        mov si, 0
        int 0x1A
        call carry
        call blank
        mov ax, bx
        call hex16
        mov ax, 0xB108                  ; its PIRQ A
        mov di, 0x60
        int 0x1A
        call blank
        mov al, cl
        call hex8
        call line
        SAY "1A.B103"
        mov ax, 0xB103
        mov ecx, 0x030000
        mov si, 0
        int 0x1A
        call carry
        mov ax, 0xB10A
        mov di, 0x10
        int 0x1A
        call blank
        mov eax, ecx
        call hex32
        call line
        SAY "14"
        mov ax, 0x00E3                  ; 9600 8N1
        mov dx, 0
        int 0x14
        mov ax, 0x0141
        mov dx, 0
        int 0x14
        call blank
        and ah, 0x80
        mov al, ah
        call hex8
        call line
        jmp services_video
mouse_handler:
        retf
align 8
block:
        times 0x30 db 0
