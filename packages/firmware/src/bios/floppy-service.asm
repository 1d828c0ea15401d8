; INT 40h (INT 13h for diskettes). The caller's table behind INT 1Eh gives sectors per track and gaps.

; One table per drive type of CMOS 10h, PARAMETERS_SIZE bytes each; the fifth byte is sectors per track.
PARAMETERS_SIZE equ 11
diskette_tables:
        db 0xDF, 0x02, 0x25, 0x02, 9, 0x2A, 0xFF, 0x50, 0xF6, 0x0F, 0x08       ; 360 KB
        db 0xDF, 0x02, 0x25, 0x02, 15, 0x1B, 0xFF, 0x54, 0xF6, 0x0F, 0x08      ; 1.2 MB
        db 0xDF, 0x02, 0x25, 0x02, 9, 0x2A, 0xFF, 0x50, 0xF6, 0x0F, 0x08       ; 720 KB
diskette_parameters:
        db 0xAF, 0x02, 0x25, 0x02, 18, 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08      ; 1.44 MB
        db 0xAF, 0x02, 0x25, 0x02, 36, 0x1B, 0xFF, 0x53, 0xF6, 0x0F, 0x08      ; 2.88 MB

int13_floppy_entry:
        sti
        ENTER_SERVICE
        mov dl, [bp + R_DL]
        mov al, [bp + R_AH]
        cmp al, 0x18
        ja floppy_invalid
        movzx bx, al
        shl bx, 1
        jmp [cs:bx + floppy_functions]

floppy_functions:
        dw fd_reset, fd_status, fd_read, fd_write, fd_verify, fd_format
        dw floppy_invalid, floppy_invalid, fd_parameters, floppy_invalid, floppy_invalid, floppy_invalid
        dw floppy_invalid, floppy_invalid, floppy_invalid, floppy_invalid, floppy_invalid, floppy_invalid
        dw floppy_invalid, floppy_invalid, floppy_invalid, fd_type, fd_change, fd_set_type
        dw fd_set_media

fd_ok:
        mov ah, 0
fd_result:
        mov byte [BDA_FD_TIMEOUT], 37   ; two seconds
        mov [BDA_FD_STATUS], ah
        mov [bp + R_AH], ah
        test ah, ah
        jz service_ok
        jmp service_fail
floppy_invalid:
        mov ah, 0x01
        jmp fd_result

fd_reset:
        mov ax, SEG_EBDA
        mov es, ax
        cmp byte [es:EB_FD_COUNT], 0
        mov ah, 0x80
        je fd_result
        call floppy_reset
        jmp fd_ok

fd_status:
        mov ah, [BDA_FD_STATUS]
        mov [bp + R_AH], ah
        test ah, ah
        jz service_ok
        jmp service_fail

; SI = offset in fd_commands
fd_read:
        mov si, fd_commands
        jmp fd_move
fd_write:
        mov si, fd_commands + 2
        jmp fd_move
fd_verify:
        mov si, fd_commands + 4
        jmp fd_move
fd_format:
        mov si, fd_commands + 6
        jmp fd_move
; Command byte (multi-track, MFM) and DMA mode on channel 2.
fd_commands:
        db 0xE6, 0x46
        db 0xC5, 0x4A
        db 0xE6, 0x42
        db 0x4D, 0x4A

fd_move:
        call floppy_type
        mov bl, 0                       ; nothing moved yet
        mov ah, 0x80
        jc .failed
        call floppy_ready               ; EB_FD_COUNT and controller
        jc .failed
        movzx cx, byte [bp + R_AL]
        mov ah, 0x01
        cmp si, fd_commands + 6
        jne .count
        call table_byte_spt             ; format: four bytes per sector of the track
        mov cl, al
        mov ch, 0
        shl cx, 2
        jmp .bytes
.count:
        test cx, cx
        jz .failed
        cmp cx, 72
        ja .failed
        shl cx, 9
.bytes:
        push dx
        movzx edx, word [bp + R_ES]
        shl edx, 4
        movzx eax, word [bp + R_BX]
        add edx, eax
        cmp si, fd_commands + 4
        jne .real
        xor edx, edx                    ; verify moves nothing
.real:
        mov al, [cs:si + 1]
        call floppy_dma
        pop dx
        jc .failed
        call floppy_select
        mov ch, [bp + R_CH]
        call floppy_seek
        jc .failed
        and byte [BDA_FD_RECAL], 0x7F
        mov al, [cs:si]
        call fdc_put
        mov al, [bp + R_DH]
        and al, 1
        shl al, 2
        or al, dl
        call fdc_put
        cmp si, fd_commands + 6
        je .format
        mov al, [bp + R_CH]
        call fdc_put
        mov al, [bp + R_DH]
        call fdc_put
        mov al, [bp + R_CL]
        call fdc_put
        mov al, 2                       ; 512 bytes
        call fdc_put
        call table_byte_spt
        call fdc_put
        mov al, 0x1B
        call fdc_put
        mov al, 0xFF
        call fdc_put
        jmp .result
.format:
        mov al, 2
        call fdc_put
        call table_byte_spt
        call fdc_put
        mov al, 0x6C
        call fdc_put
        mov al, 0xF6
        call fdc_put
.result:
        call floppy_wait
        mov ah, 0x80
        jc .stuck
        mov di, BDA_FD_RESULT
        mov cx, 7
.status:
        call fdc_get
        jc .short
        mov [di], al
        inc di
        loop .status
.short:
        test byte [BDA_FD_RESULT], 0xC0
        jnz .bad
        mov ah, 0
        jmp fd_result                   ; AL keeps the count asked for
.bad:
        mov al, [BDA_FD_RESULT + 1]
        mov di, fd_errors
.find:
        mov ah, [cs:di + 1]
        test al, [cs:di]
        jnz .failed
        add di, 2
        cmp di, fd_errors_end
        jb .find
        mov ah, 0x20
        jmp .failed
.stuck:
        push ax
        call floppy_reset
        pop ax
.failed:
        mov byte [bp + R_AL], 0
        jmp fd_result

; ST1 bit, BIOS status.
fd_errors:
        db 0x02, 0x03                   ; not writable
        db 0x20, 0x10                   ; CRC
        db 0x10, 0x08                   ; overrun
        db 0x04, 0x04                   ; no such sector
        db 0x80, 0x04                   ; past the end of the cylinder
        db 0x01, 0x02                   ; no address mark
fd_errors_end:

; AL = sectors per track: of a table somebody put behind INT 1Eh, else of drive DL's type. Keeps AH.
table_byte_spt:
        push ds
        push bx
        mov bx, 0
        mov ds, bx
        lds bx, [0x1E * 4]
        mov al, [bx + 4]
        mov bx, ds
        cmp bx, SEG_BIOS
        jne .end
        push cx
        push ax
        call floppy_type
        pop ax
        mov al, ch
        pop cx
.end:
        pop bx
        pop ds
        ret

; BX = parameter table of type AL. Keeps the rest.
diskette_table:
        push ax
        mov ah, PARAMETERS_SIZE
        dec al
        mul ah
        mov bx, diskette_tables
        add bx, ax
        pop ax
        ret

; CF = 1, AH = 80h unless POST found a controller.
floppy_ready:
        push es
        mov ax, SEG_EBDA
        mov es, ax
        mov al, [es:EB_FD_COUNT]
        pop es
        cmp dl, al                      ; CF = 1 for a drive that is there
        mov ah, 0x80
        cmc
        ret

fd_parameters:
        mov ax, SEG_EBDA
        mov es, ax
        mov al, [es:EB_FD_COUNT]
        mov [bp + R_DL], al
        mov byte [bp + R_DH], 0
        mov word [bp + R_CX], 0
        mov word [bp + R_BX], 0
        call floppy_type
        jc .none
        mov [bp + R_BL], al
        dec ah
        mov [bp + R_CH], ah
        mov [bp + R_CL], ch
        mov byte [bp + R_DH], 1
        mov word [bp + R_ES], SEG_BIOS
        call diskette_table
        mov [bp + R_DI], bx
.none:
        mov byte [bp + R_AL], 0
        jmp fd_ok

fd_type:
        mov byte [bp + R_AH], 0
        call floppy_type
        jc service_ok
        mov byte [bp + R_AH], 2         ; with a change line
        cmp al, 1
        jne service_ok
        mov byte [bp + R_AH], 1
        jmp service_ok

fd_change:
        call floppy_type
        mov ah, 0x80
        jc fd_result
        call floppy_select
        push dx
        mov dx, FDC_RATE
        in al, dx
        pop dx
        test al, 0x80
        jz fd_ok
        mov cl, dl
        mov al, 0xFE
        rol al, cl
        and [BDA_FD_RECAL], al
        mov ah, 0x06
        jmp fd_result

fd_set_type:
        call floppy_type
        mov ah, 0x80
        jc fd_result
        jmp fd_ok

; Set media for format: the drive's own geometry is the one it has.
fd_set_media:
        call floppy_type
        mov ah, 0x80
        jc fd_result
        cmp ch, [bp + R_CL]
        mov ah, 0x0C
        jb fd_result
        mov word [bp + R_ES], SEG_BIOS
        call diskette_table
        mov [bp + R_DI], bx
        jmp fd_ok
