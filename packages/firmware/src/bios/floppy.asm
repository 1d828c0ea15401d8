; 82077AA diskette controller with DMA channel 2: detection and transfers.
; Source: Intel 82077AA data sheet (commands, result phase), IBM AT technical reference (DMA page).

FDC_DOR         equ 0x3F2
FDC_MSR         equ 0x3F4
FDC_DATA        equ 0x3F5
FDC_RATE        equ 0x3F7

; Drive types of CMOS 10h: tracks, sectors per track, data rate.
floppy_types:
        db 0, 0, 0
        db 40, 9, 2                     ; 1: 360 KB
        db 80, 15, 0                    ; 2: 1.2 MB
        db 80, 9, 2                     ; 3: 720 KB
        db 80, 18, 0                    ; 4: 1.44 MB
        db 80, 36, 3                    ; 5: 2.88 MB

find_floppies:
        mov ax, SEG_EBDA
        mov es, ax
        mov ax, SEG_BDA
        mov ds, ax
        mov al, 0x10
        call read_cmos
        mov bl, al
        test bl, 0xF0
        jz .none
        mov dx, FDC_MSR
        in al, dx
        cmp al, 0xFF
        je .none
        mov cl, 1
        test bl, 0x0F
        jz .count
        inc cl
.count:
        mov [es:EB_FD_COUNT], cl
        mov al, cl
        dec al
        shl al, 6
        or al, 1
        or [BDA_EQUIPMENT], al
        mov byte [BDA_FD_MEDIA], 0x07
        mov byte [BDA_FD_MEDIA + 1], 0x07
        call floppy_reset
        mov si, text_floppy
        call print
        mov dl, 0
        call .size
        cmp byte [es:EB_FD_COUNT], 2
        jb .line
        mov si, text_comma
        call print
        mov dl, 1
        call .size
.line:
        mov si, text_line
        call print
.none:
        ret
.size:
        call floppy_type                ; tracks * sectors is the size in KiB
        jc .none
        mov al, ah
        mov ah, 0
        mul ch
        movzx eax, ax
        call print_decimal
        mov si, text_kib
        jmp print

; DL = drive: AL = type, AH = tracks, CH = sectors per track, CL = data rate; CF = 1 without a drive.
floppy_type:
        cmp dl, 1
        ja .none
        mov al, 0x10
        call read_cmos
        test dl, dl
        jnz .second
        shr al, 4
.second:
        and al, 0x0F
        jz .none
        cmp al, 5
        jbe .known
        mov al, 4
.known:
        push bx
        movzx bx, al
        imul bx, bx, 3
        mov ah, [cs:floppy_types + bx]
        mov ch, [cs:floppy_types + bx + 1]
        mov cl, [cs:floppy_types + bx + 2]
        pop bx
        clc
        ret
.none:
        stc
        ret

irq6_entry:
        push ax
        push ds
        push word SEG_BDA
        pop ds
        or byte [BDA_FD_RECAL], 0x80
        mov al, 0x20
        out PIC1, al
        pop ds
        pop ax
        iret

; Wait for IRQ 6; CF = 1 after 3 s.
floppy_wait:
        push eax
        sti
        mov eax, 3000000
        call wait_start
.poll:
        test byte [BDA_FD_RECAL], 0x80
        jnz .seen
        call wait_over
        jnc .poll
        pop eax
        ret
.seen:
        and byte [BDA_FD_RECAL], 0x7F
        pop eax
        clc
        ret

; Byte AL to the controller's FIFO; CF = 1 when it takes none.
fdc_put:
        push dx
        push cx
        mov ah, al
        mov dx, FDC_MSR
        mov cx, 0x4000
.poll:
        in al, dx
        and al, 0xC0
        cmp al, 0x80
        je .ready
        call io_pause
        loop .poll
        stc
        jmp .end
.ready:
        inc dx
        mov al, ah
        out dx, al
        clc
.end:
        pop cx
        pop dx
        ret

; AL = byte from the FIFO; CF = 1 when there is none.
fdc_get:
        push dx
        push cx
        mov dx, FDC_MSR
        mov cx, 0x4000
.poll:
        in al, dx
        and al, 0xC0
        cmp al, 0xC0
        je .ready
        call io_pause
        loop .poll
        stc
        jmp .end
.ready:
        inc dx
        in al, dx
        clc
.end:
        pop cx
        pop dx
        ret

; SENSE INTERRUPT STATUS: AL = ST0, AH = cylinder.
fdc_sense:
        mov al, 0x08
        call fdc_put
        call fdc_get
        mov ah, al
        call fdc_get
        xchg al, ah
        ret

floppy_reset:
        push cx
        and byte [BDA_FD_RECAL], 0x70
        mov dx, FDC_DOR
        mov al, 0x08
        out dx, al
        mov eax, 20
        call delay
        mov al, [BDA_FD_MOTOR]
        shl al, 4
        or al, 0x0C
        out dx, al
        call floppy_wait
        mov cx, 4
.sense:
        call fdc_sense
        loop .sense
        mov al, 0x03                    ; SPECIFY from the parameter table
        call fdc_put
        mov al, 0xAF
        call fdc_put
        mov al, 0x02
        call fdc_put
        pop cx
        ret

; Motor on and drive DL selected with its data rate.
floppy_select:
        pusha
        call floppy_type
        jc .end
        mov bl, cl
        mov byte [BDA_FD_TIMEOUT], 0xFF
        mov cl, dl
        mov al, 1
        shl al, cl
        or al, [BDA_FD_MOTOR]
        mov [BDA_FD_MOTOR], al
        shl al, 4
        or al, 0x0C
        or al, dl
        push dx
        mov dx, FDC_DOR
        out dx, al
        mov dx, FDC_RATE
        mov al, bl
        out dx, al
        pop dx
.end:
        popa
        ret

; Drive DL's head to cylinder CH, calibrating first where that was not done or the disk changed.
; CF = 1, AH = status on failure.
floppy_seek:
        push bx
        push cx
        mov cl, dl
        mov bl, 1
        shl bl, cl
        push dx
        mov dx, FDC_RATE
        in al, dx
        pop dx
        test al, 0x80
        jnz .calibrate
        test [BDA_FD_RECAL], bl
        jnz .seek
.calibrate:
        mov bh, 2                       ; 80 tracks can need a second try of 77 steps
.again:
        and byte [BDA_FD_RECAL], 0x7F
        mov al, 0x07
        call fdc_put
        mov al, dl
        call fdc_put
        mov ah, 0x80
        jc .end
        call floppy_wait
        mov ah, 0x80
        jc .end
        call fdc_sense
        test al, 0x10
        jz .calibrated
        dec bh
        jnz .again
        mov ah, 0x40
        stc
        jmp .end
.calibrated:
        or [BDA_FD_RECAL], bl
        mov al, 1                       ; a step elsewhere clears the changed line
        cmp ch, 0
        jne .seek
        call .step
        jc .end
.seek:
        mov al, ch
        call .step
        jc .end
        movzx bx, dl
        mov [bx + BDA_FD_CYL], ch
.end:
        pop cx
        pop bx
        ret
.step:
        mov cl, al
        and byte [BDA_FD_RECAL], 0x7F
        mov al, 0x0F
        call fdc_put
        mov al, dl
        call fdc_put
        mov al, cl
        call fdc_put
        mov ah, 0x80
        jc .stepped
        call floppy_wait
        mov ah, 0x80
        jc .stepped
        call fdc_sense
        test al, 0xC0
        mov ah, 0x40
        jnz .missed
        clc
.stepped:
        ret
.missed:
        stc
        ret

; DMA channel 2: mode AL, linear address EDX, CX bytes. CF = 1, AH = 09h across a 64 KiB border.
floppy_dma:
        push ax
        mov ax, dx
        add ax, cx
        jnc .inside
        jnz .crosses
.inside:
        pop ax
        push ax
        push ax
        mov al, 0x06
        out 0x0A, al
        out 0x0C, al
        pop ax
        out 0x0B, al
        mov al, dl
        out 0x04, al
        mov al, dh
        out 0x04, al
        shr edx, 16
        mov al, dl
        out 0x81, al
        dec cx
        mov al, cl
        out 0x05, al
        mov al, ch
        out 0x05, al
        mov al, 0x02
        out 0x0A, al
        pop ax
        clc
        ret
.crosses:
        pop ax
        mov ah, 0x09
        stc
        ret

text_floppy:
        db "Diskette  ", 0
text_kib:
        db " KiB", 0
