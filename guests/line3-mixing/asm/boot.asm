; Boot sector of the Line 3 panel: reads PANEL_SECTORS sectors that follow it to 10000h and jumps there.
; Disks by the BIOS's LBA service (EDD 3.0, AH=42h), diskettes and old BIOSes by cylinder, head and sector (AH=02h).
; The build puts "%define PANEL_SECTORS n" before this text.
bits 16
org 0x7C00

LOAD_SEGMENT equ 0x1000
CHUNK        equ 32             ; sectors a call: 16 KiB pieces from 10000h on never cross a 64 KiB border

        jmp short start
        nop
        times 0x3E-($-$$) db 0  ; where some BIOSes expect (and patch) a BIOS parameter block

start:
        jmp 0:.at_zero          ; some BIOSes enter at 07C0:0000
.at_zero:
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        cld
        mov [drive], dl
        mov si, text_loading
        call print
        mov bx, 0x55AA
        mov ah, 0x41
        mov dl, [drive]
        int 0x13
        jc by_chs
        cmp bx, 0xAA55
        jne by_chs
        test cl, 1
        jz by_chs

by_lba:
        mov ax, [sectors_left]
        test ax, ax
        jz loaded
        cmp ax, CHUNK
        jbe .size_known
        mov ax, CHUNK
.size_known:
        mov [packet_count], ax
        mov si, packet
        mov ah, 0x42
        mov dl, [drive]
        int 0x13
        jc failed
        mov ax, [packet_count]
        sub [sectors_left], ax
        add [packet_lba], ax
        shl ax, 5               ; sectors to paragraphs
        add [packet_segment], ax
        jmp by_lba

by_chs:
        mov ah, 0x08
        mov dl, [drive]
        xor di, di
        mov es, di
        int 0x13
        jc failed
        and cx, 0x3F
        mov [track_sectors], cx
        movzx ax, dh
        inc ax
        mov [heads], ax
.next:
        cmp word [sectors_left], 0
        je loaded
        mov ax, [packet_lba]
        xor dx, dx
        div word [track_sectors]
        mov cl, dl
        inc cl                  ; sector, from 1
        xor dx, dx
        div word [heads]
        mov dh, dl
        mov ch, al
        shl ah, 6
        or cl, ah               ; upper bits of the cylinder
        mov es, [packet_segment]
        xor bx, bx
        mov byte [tries], 3
.again:
        mov ax, 0x0201
        mov dl, [drive]
        push cx
        push dx
        int 0x13
        pop dx
        pop cx
        jnc .read
        dec byte [tries]
        jz failed
        xor ah, ah              ; reset the drive, then once more: a diskette may have been spinning up
        mov dl, [drive]
        int 0x13
        jmp .again
.read:
        dec word [sectors_left]
        inc word [packet_lba]
        add word [packet_segment], 32
        jmp .next

loaded:
        mov dl, [drive]
        jmp LOAD_SEGMENT:0

failed:
        mov si, text_failed
        call print
.stop:
        hlt
        jmp .stop

print:
        lodsb
        test al, al
        jz .done
        mov ah, 0x0E
        mov bx, 7
        int 0x10
        jmp print
.done:
        ret

text_loading db "Line 3 mixing: loading", 13, 10, 0
text_failed  db "Line 3 mixing: the disk cannot be read", 13, 10, 0

drive         db 0
tries         db 0
track_sectors dw 0
heads         dw 0
sectors_left  dw PANEL_SECTORS
packet:
              dw 16
packet_count  dw 0
              dw 0
packet_segment dw LOAD_SEGMENT
packet_lba    dq 1

        times 510-($-$$) db 0
        dw 0xAA55
