; INT 13h on the boot drive.
services_disk:
        mov dl, [drive]
        SAY "13.08"
        mov ah, 8
        int 0x13
        call carry
        call blank
        mov ax, cx
        call hex16
        call blank
        mov ax, dx
        call hex16
        call line
        SAY "13.15"
        mov ah, 0x15
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov al, ah
        call hex8
        call line
        xor ax, ax
        mov es, ax
        SAY "13.02"                     ; sector 1 again, elsewhere
        mov ax, 0x0201
        mov bx, scratch
        mov cx, 1
        mov dh, 0
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov ax, [scratch + 510]
        call hex16
        call line
        SAY "13.02bad"                  ; sector 63 of a head that is not there
        mov ax, 0x0201
        mov bx, scratch
        mov cx, 0x003F
        mov dh, 0xFE
        mov dl, [drive]
        int 0x13
        call carry
        call line
        SAY "13.03"                     ; write the next to last program sector back
        mov ax, 0x0301
        mov bx, 0x7C00
        mov cx, 1
        mov dh, 0
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov al, ah
        call hex8
        call line
        SAY "13.41"
        mov ah, 0x41
        mov bx, 0x55AA
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov ax, bx
        call hex16
        call line
        SAY "13.42"
        mov dword [scratch + 512], 0x00010010
        mov word [scratch + 516], scratch
        mov word [scratch + 518], 0
        mov dword [scratch + 520], 16
        mov dword [scratch + 524], 0
        mov ah, 0x42
        mov si, scratch + 512
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov eax, [scratch]
        call hex32
        call line
        SAY "13.48"
        mov word [scratch + 512], 30
        mov ah, 0x48
        mov si, scratch + 512
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov eax, [scratch + 512 + 16]
        call hex32
        call blank
        mov ax, [scratch + 512 + 24]
        call hex16
        call line
        SAY "13.4B"
        mov ax, 0x4B01
        mov si, scratch + 512
        mov dl, [drive]
        int 0x13
        call carry
        call blank
        mov ax, [scratch + 512 + 1]
        call hex16
        call line
