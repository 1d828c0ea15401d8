; A boot program that asks every BIOS service something and writes the answers, one line each, to
; the debug console (port E9h); firmware.test.ts reads them. It leaves through port F4h.
; Works from diskette and hard disk (512 bytes loaded, the rest read here) and from CD-ROM.

bits 16
org 0x7C00

SECTORS         equ 15                  ; of the program, behind the boot sector

start:
        jmp 0:.here
.here:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov [drive], dl
        cmp dl, 0xE0
        jae loaded                      ; a CD-ROM without emulation brought everything
        mov cx, 2
        mov bx, 0x7E00
.next:
        mov ax, 0x0201
        mov dh, 0
        mov dl, [drive]
        int 0x13
        jc .failed
        add bx, 512
        inc cx
        cmp cx, SECTORS + 2
        jb .next
        jmp loaded
.failed:
        mov si, text_unreadable
        call puts
        jmp leave

; ---- output ----
puts:                                   ; DS:SI, zero-ended
        lodsb
        test al, al
        jz .end
        out 0xE9, al
        jmp puts
.end:
        ret
hex8:                                   ; AL
        push ax
        shr al, 4
        call .digit
        pop ax
.digit:
        push ax
        and al, 15
        add al, '0'
        cmp al, '9'
        jbe .out
        add al, 'A' - '0' - 10
.out:
        out 0xE9, al
        pop ax
        ret
hex16:                                  ; AX
        xchg al, ah
        call hex8
        xchg al, ah
        jmp hex8
hex32:                                  ; EAX
        ror eax, 16
        call hex16
        ror eax, 16
        jmp hex16
blank:
        push ax
        mov al, ' '
        out 0xE9, al
        pop ax
        ret
line:
        push ax
        mov al, 10
        out 0xE9, al
        pop ax
        ret
; Name in the text after the CALL, zero-ended.
say:
        pop si
        call puts
        jmp si
; Carry as 0 or 1, blank before.
carry:
        push ax
        setc al
        add al, '0'
        call blank
        out 0xE9, al
        pop ax
        ret
%macro SAY 1
        pushf
        push si
        push ax
        call say
        db %1, 0
        pop ax
        pop si
        popf
%endmacro

text_unreadable:
        db "unreadable", 10, 0
drive:
        db 0
        times 510 - ($ - $$) db 0
        dw 0xAA55

loaded:
        mov sp, 0x7C00
        SAY "drive"
        call blank
        mov al, [drive]
        call hex8
        call line
%include "services-system.asm"
%include "services-video.asm"
%include "services-disk.asm"
        SAY "end"
        call line
leave:
        mov dx, 0xF4
        mov al, 0x10
        out dx, al
        hlt

scratch         equ 0xA000              ; 512 bytes of memory nobody else uses here

        times (SECTORS + 1) * 512 - ($ - $$) db 0
