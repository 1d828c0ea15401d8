; INT 19h, INT 18h and the boot menu. The order comes from CMOS 3Dh (low nibble first, then high)
; and the high nibble of 38h: 1 diskette, 2 hard disk, 3 CD-ROM; bit 0 of 38h lets a diskette boot
; without the AA55h mark.

MENU_TICKS      equ 14                  ; how long POST waits for F12: 0.77 s

; EB_BOOT_CHOICE: 0 by CMOS, else the one type to try first. EB_BOOT_TRIED: position in the order.
int19_entry:
        mov ax, SEG_EBDA
        mov es, ax
        mov byte [es:EB_BOOT_TRIED], 0
        jmp boot_next

; A program that found nothing to run gives the next device its turn.
int18_entry:
boot_next:
        cli
        xor ax, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        cld
        mov ax, SEG_EBDA
        mov es, ax
        mov ax, SEG_BDA
        mov ds, ax
        call boot_type                  ; AL = type at this position, 0 after the last
        inc byte [es:EB_BOOT_TRIED]
        cmp byte [es:EB_BOOT_TRIED], 5
        ja .nothing
        cmp al, 1
        je boot_floppy
        cmp al, 2
        je boot_disk
        cmp al, 3
        je boot_disc
        jmp boot_next
.nothing:
        mov si, text_nothing
        call print
        mov ah, 0
        int 0x16
        jmp reboot

; AL = boot type at position EB_BOOT_TRIED; position 0 is the menu's choice.
boot_type:
        mov al, [es:EB_BOOT_CHOICE]
        mov cl, [es:EB_BOOT_TRIED]
        test cl, cl
        jz .end
        cmp cl, 3
        je .third
        ja .none
        mov al, 0x3D
        call read_cmos
        cmp cl, 1
        je .low
        shr al, 4
        jmp .default
.low:
        and al, 0x0F
        jmp .default
.third:
        mov al, 0x38
        call read_cmos
        shr al, 4
.default:
        push ax                         ; an empty order: hard disk, CD-ROM, diskette
        mov al, 0x3D
        call read_cmos
        test al, al
        pop ax
        jnz .end
        mov bx, default_order - 1
        add bl, cl
        adc bh, 0
        mov al, [cs:bx]
.end:
        ret
.none:
        mov al, 0
        ret
default_order:
        db 2, 3, 1

boot_floppy:
        cmp byte [es:EB_FD_COUNT], 0
        je boot_next
        mov si, text_boot_floppy
        call print
        mov dl, 0
        call load_boot_sector
        jc boot_failed
        mov al, 0x38
        call read_cmos
        test al, 1
        jnz boot_go
        cmp word [0x7DFE], 0xAA55
        jne boot_failed
        jmp boot_go

boot_disk:
        cmp byte [BDA_HD_COUNT], 0
        je boot_next
        mov si, text_boot_disk
        call print
        mov dl, 0x80
        call load_boot_sector
        jc boot_failed
        cmp word [0x7DFE], 0xAA55
        jne boot_failed
boot_go:
        mov cx, 0
        mov bx, 0x7C00
        jmp boot_jump

boot_disc:
        cmp byte [es:EB_CD_COUNT], 0
        je boot_next
        mov si, text_boot_cdrom
        call print
        mov dl, 0xE0
.try:
        push dx
        call boot_cdrom
        pop bx
        jnc .found
        mov dl, bl
        inc dl
        mov ax, SEG_EBDA
        mov es, ax
        mov al, dl
        sub al, 0xE0
        cmp al, [es:EB_CD_COUNT]
        jb .try
        jmp boot_failed
.found:
        mov cx, ax
        mov bx, 0
        cmp ax, 0x07C0                  ; the usual place is entered as 0000:7C00
        jne boot_jump
        mov cx, 0
        mov bx, 0x7C00
; Hand over to CX:BX with DL = drive.
boot_jump:
        POST_CODE 0xA0
        xor eax, eax
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        push word 0x0202                ; interrupts on
        push cx
        push bx
        movzx edx, dl
        mov ax, 0xAA55
        xor ebx, ebx
        xor ecx, ecx
        xor esi, esi
        xor edi, edi
        xor ebp, ebp
        iret

boot_failed:
        mov si, text_failed
        call print
        jmp boot_next

; Sector 1 of drive DL to 0000:7C00; DS = 0 afterwards. CF = 1 on failure.
load_boot_sector:
        mov cx, 3
.again:
        push cx
        mov ah, 0
        int 0x13
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ax, 0x0201
        mov bx, 0x7C00
        mov cx, 1
        mov dh, 0
        int 0x13
        pop cx
        jnc .end
        loop .again
        stc
.end:
        ret

; Through the reset control register, the keyboard controller, and a triple fault at last.
reboot:
        cli
        mov dx, 0xCF9
        mov al, 0x02
        out dx, al
        mov al, 0x06
        out dx, al
        mov al, 0xFE
        out KBC_STATUS, al
        mov al, 0x03
        out 0x92, al
        lidt [cs:no_vectors]
        int 3
no_vectors:
        dw 0
        dd 0

; ---- boot menu on F12 or Esc ----
offer_boot_menu:
        mov si, text_offer
        call print
        mov ax, SEG_BDA
        mov ds, ax
        mov ax, SEG_EBDA
        mov es, ax
        mov bx, [BDA_TICKS]
.wait:
        mov ah, 0x11                    ; the extended view: F12 is not in the other
        int 0x16
        jz .no_key
        mov ah, 0x10
        int 0x16
        cmp ah, 0x86                    ; F12
        je .menu
        cmp ah, 0x01                    ; Esc
        je .menu
.no_key:
        hlt
        mov ax, [BDA_TICKS]
        sub ax, bx
        cmp ax, MENU_TICKS
        jb .wait
        ret
.menu:
        mov si, text_menu
        call print
        cmp byte [es:EB_FD_COUNT], 0
        je .no_floppy
        mov si, text_menu_floppy
        call print
.no_floppy:
        cmp byte [BDA_HD_COUNT], 0
        je .no_disk
        mov si, text_menu_disk
        call print
        mov cx, 1
        call .name
.no_disk:
        cmp byte [es:EB_CD_COUNT], 0
        je .ask
        mov si, text_menu_cdrom
        call print
        mov cx, 2
        call .name
.ask:
        mov ah, 0x10
        int 0x16
        cmp al, 27
        je .end
        cmp al, 13
        je .end
        sub al, '0'
        cmp al, 1
        jb .ask
        cmp al, 3
        ja .ask
        mov [es:EB_BOOT_CHOICE], al
.end:
        mov si, text_line
        call print
        ret
; The model name of the first device of type CL.
.name:
        mov si, EB_DRIVES
.look:
        cmp [es:si + DR_TYPE], cl
        je .show
        add si, DRIVE_SIZE
        cmp si, EB_DRIVES + 4 * DRIVE_SIZE
        jb .look
        ret
.show:
        jmp print_name

text_offer:
        db 13, 10, "Press F12 or Esc for the boot menu", 13, 10, 13, 10, 0
text_menu:
        db "Boot from (Enter: usual order)", 13, 10, 0
text_menu_floppy:
        db "  1  Diskette", 13, 10, 0
text_menu_disk:
        db "  2  Hard disk  ", 0
text_menu_cdrom:
        db 13, 10, "  3  CD-ROM     ", 0
text_boot_floppy:
        db "Booting from diskette ...", 13, 10, 0
text_boot_disk:
        db "Booting from hard disk ...", 13, 10, 0
text_boot_cdrom:
        db "Booting from CD-ROM ...", 13, 10, 0
text_failed:
        db "Nothing to boot there.", 13, 10, 0
text_nothing:
        db 13, 10, "No bootable device. Press a key to restart.", 13, 10, 0
