; INT 13h: choice of the device, and the services for hard disks with cylinder, head, sector.

int13_entry:
        ENTER_SERVICE
        mov ax, SEG_EBDA
        mov es, ax
        mov dl, [bp + R_DL]
        cmp byte [es:EB_EMU], 0         ; an emulated drive of a CD-ROM comes first
        jne int13_emulated
int13_real:
        cmp dl, 0x80
        jae int13_disk
        sti
        popad                           ; a diskette: the service behind INT 40h
        pop fs
        pop es
        pop ds
        jmp int13_floppy_chain

; Diskettes go through vector 40h, as programs that hook it expect.
int13_floppy_chain:
        int 0x40
        push bp                         ; the flags of the answer go back to the caller's
        mov bp, sp
        push ax
        lahf
        mov [bp + 6], ah
        pop ax
        pop bp
        iret

; DL = drive number: SI = its entry in ES = EBDA; CF = 1 when there is none.
find_drive:
        mov si, EB_DRIVES
.next:
        cmp byte [es:si + DR_TYPE], 0
        je .other
        cmp [es:si + DR_NUMBER], dl
        je .found
.other:
        add si, DRIVE_SIZE
        cmp si, EB_DRIVES + 4 * DRIVE_SIZE
        jb .next
        stc
        ret
.found:
        clc
        ret

int13_disk:
        sti
        call find_drive
        jc disk_invalid
        mov al, [bp + R_AH]
        cmp byte [es:si + DR_TYPE], 2
        je int13_cdrom
        cmp al, 0x15
        ja .extensions
        movzx bx, al
        shl bx, 1
        jmp [cs:bx + disk_functions]
.extensions:
        cmp al, 0x41
        jb disk_invalid
        cmp al, 0x4E
        ja disk_invalid
        movzx bx, al
        sub bx, 0x41
        shl bx, 1
        jmp [cs:bx + edd_functions]

disk_functions:
        dw disk_reset, disk_status, disk_read, disk_write, disk_verify, disk_invalid
        dw disk_invalid, disk_invalid, disk_parameters, disk_ok, disk_invalid, disk_invalid
        dw disk_seek, disk_reset, disk_invalid, disk_invalid, disk_ready, disk_ok
        dw disk_invalid, disk_invalid, disk_ok, disk_type

disk_ok:
        mov ah, 0
disk_result:                            ; AH = status, kept for function 01h
        mov [BDA_HD_STATUS], ah
        mov [bp + R_AH], ah
        test ah, ah
        jz service_ok
        jmp service_fail
disk_invalid:
        mov ah, 0x01
        jmp disk_result

disk_reset:
        call ata_flush
        jmp disk_ok

disk_status:
        mov ah, 0
        xchg ah, [BDA_HD_STATUS]
        mov [bp + R_AL], ah             ; old BIOSes answer in AL, later ones in AH
        mov [bp + R_AH], ah
        test ah, ah
        jz service_ok
        jmp service_fail

disk_read:
        mov al, 0
        jmp disk_move
disk_write:
        mov al, 1
        jmp disk_move
disk_verify:
        mov al, 2
disk_move:
        mov [es:EB_REQ_KIND], al
        movzx cx, byte [bp + R_AL]
        cmp cx, 1
        jb disk_invalid
        cmp cx, 128
        ja disk_invalid
        mov [es:EB_REQ_COUNT], cx
        call chs_to_lba
        jc disk_result
        mov [es:EB_REQ_LBA], eax
        mov dword [es:EB_REQ_LBA + 4], 0
        mov ax, [bp + R_ES]
        mov bx, [bp + R_BX]
        call set_buffer
        push word [es:EB_REQ_COUNT]
        call ata_transfer
        pop cx
        sub cx, [es:EB_REQ_COUNT]
        mov [bp + R_AL], cl             ; sectors moved
        jmp disk_result

; Caller's buffer AX:BX, normalized.
set_buffer:
        mov dx, bx
        and bx, 15
        shr dx, 4
        add ax, dx
        mov [es:EB_REQ_OFFSET], bx
        mov [es:EB_REQ_SEGMENT], ax
        ret

; EAX = sector number from the caller's CX, DH; CF = 1 and AH = 04h outside the geometry.
chs_to_lba:
        movzx ebx, word [bp + R_CX]     ; CH cylinder bits 7-0, CL bits 7-6 its bits 9-8
        movzx ecx, bl
        and cl, 63
        jz .outside
        cmp cx, [es:si + DR_SPT]
        ja .outside
        xchg bl, bh
        shr bh, 6
        cmp bx, [es:si + DR_CYLINDERS]
        jae .outside
        movzx edx, byte [bp + R_DH]
        cmp dx, [es:si + DR_HEADS]
        jae .outside
        movzx eax, word [es:si + DR_HEADS]
        imul eax, ebx
        add eax, edx
        movzx edx, word [es:si + DR_SPT]
        imul eax, edx
        lea eax, [eax + ecx - 1]
        clc
        ret
.outside:
        mov ah, 0x04
        stc
        ret

disk_seek:
        call chs_to_lba
        jc disk_result
        jmp disk_ok

disk_ready:
        mov al, 0x40
        call ata_select
        mov ah, 0x80
        jc disk_result
        test al, 0x40
        mov ah, 0xAA                    ; drive not ready
        jz disk_result
        jmp disk_ok

disk_parameters:
        mov ax, [es:si + DR_CYLINDERS]
        dec ax
        mov cl, ah
        shl cl, 6
        mov ch, al
        or cl, [es:si + DR_SPT]
        mov [bp + R_CX], cx
        mov al, [es:si + DR_HEADS]
        dec al
        mov [bp + R_DH], al
        mov al, [BDA_HD_COUNT]
        mov [bp + R_DL], al
        mov byte [bp + R_AL], 0
        jmp disk_ok

disk_type:
        movzx eax, word [es:si + DR_HEADS]
        movzx ecx, word [es:si + DR_SPT]
        imul eax, ecx
        movzx ecx, word [es:si + DR_CYLINDERS]
        imul eax, ecx
        mov [bp + R_DX], ax
        shr eax, 16
        mov [bp + R_CX], ax
        mov byte [BDA_HD_STATUS], 0
        mov byte [bp + R_AH], 3
        jmp service_ok
