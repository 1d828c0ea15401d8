; INT 10h: every mode with a pixel or a character, then VBE.
services_video:
        mov si, video_modes
.mode:
        mov al, [si]
        cmp al, 0xFF
        je .modes_end
        push si
        mov ah, 0
        int 0x10
        mov ah, 0x0F
        int 0x10
        SAY "mode"
        call blank
        call hex8
        call blank
        mov al, ah
        call hex8
        pop si
        push si
        cmp byte [si + 1], 0
        je .text
        mov ah, 0x0C                    ; pixel 33, 21
        mov al, [si + 1]
        mov bh, 0
        mov cx, 33
        mov dx, 21
        int 0x10
        mov ah, 0x0D
        mov bh, 0
        int 0x10
        call blank
        call hex8
.text:
        mov ah, 2                       ; 'A' by teletype at row 24, then a line feed scrolls it to 23
        mov bh, 0
        mov dx, 0x1803
        int 0x10
        mov ax, 0x0E41
        mov bx, 0x0001
        int 0x10
        mov ah, 2
        mov dx, 0x1703
        cmp byte [si], 0x11
        je .tall
        cmp byte [si], 0x12
        jne .feed
.tall:
        mov dx, 0x1803                  ; 30 rows: no scroll yet
        jmp .look
.feed:
        push dx
        mov ax, 0x0E0A
        mov bx, 0x0001
        int 0x10
        pop dx
.look:
        mov ah, 2
        mov bh, 0
        int 0x10
        mov ah, 8
        mov bh, 0
        int 0x10
        call blank
        call hex8
        call line
        pop si
        add si, 2
        jmp .mode
.modes_end:
        mov ax, 3
        int 0x10
        SAY "10.13"
        mov ax, 0x1301
        mov bx, 0x001E
        mov cx, 5
        mov dx, 0x0510
        push ds
        pop es
        mov bp, text_hello
        int 0x10
        mov ah, 3
        mov bh, 0
        int 0x10
        call blank
        mov ax, dx
        call hex16
        mov ax, 0xB800
        mov es, ax
        mov ax, [es:5 * 160 + 32]
        call blank
        call hex16
        xor ax, ax
        mov es, ax
        call line
        SAY "10.1130"
        mov ax, 0x1130
        mov bh, 6
        push bp
        int 0x10
        mov al, [es:bp + 0x41 * 16 + 8] ; the bar of the A
        pop bp
        call blank
        call hex8
        mov ax, cx
        call blank
        call hex16
        xor ax, ax
        mov es, ax
        call line
        SAY "10.1A"
        mov ax, 0x1A00
        int 0x10
        call blank
        call hex8
        call blank
        mov ax, bx
        call hex16
        call line
        SAY "10.1015"                   ; DAC entry 1 of mode 3: blue
        mov ax, 0x1015
        mov bl, 1
        int 0x10
        call blank
        mov al, dh
        call hex8
        mov ax, cx
        call hex16
        call line
        SAY "vbe"
        mov dword [scratch], 0x32454256
        mov ax, 0x4F00
        mov di, scratch
        int 0x10
        call blank
        call hex16
        call blank
        mov eax, [scratch]
        call hex32
        call blank
        mov ax, [scratch + 4]
        call hex16
        call blank
        mov ax, [scratch + 18]
        call hex16
        call line
        les si, [scratch + 14]
.list:
        mov cx, [es:si]
        add si, 2
        cmp cx, 0xFFFF
        je .list_end
        push si
        push es
        push ds
        pop es
        mov ax, 0x4F01
        mov di, scratch + 512
        int 0x10
        SAY "vbemode"
        call blank
        push ax
        mov ax, cx
        call hex16
        pop ax
        call blank
        call hex16
        call blank
        mov ax, [scratch + 512 + 18]
        call hex16
        call blank
        mov ax, [scratch + 512 + 20]
        call hex16
        call blank
        mov al, [scratch + 512 + 25]
        call hex8
        call blank
        mov ax, [scratch + 512 + 16]
        call hex16
        call blank
        mov eax, [scratch + 512 + 40]
        call hex32
        call line
        pop es
        pop si
        jmp .list
.list_end:
        push ds
        pop es
        SAY "vbeset"
        mov ax, 0x4F02
        mov bx, 0x4118
        int 0x10
        call blank
        call hex16
        mov ax, 0x4F03
        int 0x10
        call blank
        mov ax, bx
        call hex16
        mov ax, 0x4F06                  ; line length
        mov bl, 1
        int 0x10
        call blank
        mov ax, bx
        call hex16
        mov ax, 0x4F07                  ; display start 0, 768: pages
        mov bx, 0
        mov cx, 0
        mov dx, 768
        int 0x10
        call blank
        call hex16
        mov ax, 0x4F08
        mov bx, 0x0800
        int 0x10
        mov al, bh
        call blank
        call hex8
        call line
        SAY "vbebank"
        mov ax, 0x4F02
        mov bx, 0x0101
        int 0x10
        mov ax, 0x4F05
        mov bx, 0
        mov dx, 2
        int 0x10
        call blank
        call hex16
        mov ax, 0xA000
        mov es, ax
        mov byte [es:7], 0x5A
        mov dx, 0
        mov ax, 0x4F05
        mov bx, 0
        int 0x10
        mov al, [es:7]
        call blank
        call hex8
        mov dx, 2
        mov ax, 0x4F05
        mov bx, 0
        int 0x10
        mov al, [es:7]
        call blank
        call hex8
        push ds
        pop es
        call line
        SAY "edid"
        mov ax, 0x4F15
        mov bx, 1
        mov cx, 0
        mov dx, 0
        mov di, scratch
        int 0x10
        call blank
        call hex16
        mov si, scratch
        mov cx, 128
        mov ah, 0
.sum:
        lodsb
        add ah, al
        loop .sum
        call blank
        mov al, ah
        call hex8
        call line
        mov ax, 3
        int 0x10
        jmp services_disk
text_hello:
        db "Hello"
video_modes:                            ; mode, colour of the test pixel
        db 0, 0, 1, 0, 2, 0, 3, 0, 4, 2, 5, 3, 6, 1, 7, 0, 0x0D, 9, 0x0E, 10, 0x0F, 1, 0x10, 11, 0x11, 1, 0x12, 12, 0x13, 200
        db 0xFF
