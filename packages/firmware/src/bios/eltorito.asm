; El Torito 1.0: booting from CD-ROM without emulation, or with an emulated diskette or hard disk.

EMU_ON          equ EB_EMU + 0          ; an emulated drive is being served
EMU_MEDIA       equ EB_EMU + 1          ; media type of the catalogue entry
EMU_DRIVE       equ EB_EMU + 2          ; drive number it boots as
EMU_BOOTED      equ EB_EMU + 3
EMU_LBA         equ EB_EMU + 4          ; dword: image start
EMU_SEGMENT     equ EB_EMU + 8
EMU_COUNT       equ EB_EMU + 10         ; 512-byte sectors to load
EMU_CDROM       equ EB_EMU + 12         ; drive number of the CD-ROM itself
EMU_INDEX       equ EB_EMU + 13
EMU_CYLINDERS   equ EB_EMU + 16
EMU_HEADS       equ EB_EMU + 18
EMU_SPT         equ EB_EMU + 20

EMU_SCRATCH     equ 0x0800              ; segment the catalogue is read to

; Boot from the CD-ROM with drive number DL. CF = 1 when it holds nothing to boot; else DL = drive
; to hand over and AX = segment to jump to.
boot_cdrom:
        mov ax, SEG_EBDA
        mov es, ax
        call find_drive
        jc .fail
        cmp byte [es:si + DR_TYPE], 2
        jne .fail
        mov byte [es:EMU_ON], 0
        mov byte [es:EMU_BOOTED], 0
        mov [es:EMU_CDROM], dl
        call cd_ready
        jc .fail
        mov eax, 17                     ; boot record volume descriptor
        call .read_scratch
        jc .fail
        mov ax, EMU_SCRATCH
        mov ds, ax
        cmp dword [0], 0x30444300       ; 00 'CD0'
        jne .fail
        cmp dword [7], 0x54204C45       ; 'EL T'
        jne .fail
        mov eax, [0x47]                 ; boot catalogue
        call .read_scratch
        jc .fail
        cmp byte [0], 1                 ; validation entry, for 80x86
        jne .fail
        cmp byte [1], 0
        jne .fail
        cmp word [0x1E], 0xAA55
        jne .fail
        cmp byte [0x20], 0x88           ; default entry: bootable
        jne .fail
        mov al, [0x21]
        and al, 0x0F
        cmp al, 4
        ja .fail
        mov [es:EMU_MEDIA], al
        mov ax, [0x22]
        test ax, ax
        jnz .segment
        mov ax, 0x07C0
.segment:
        mov [es:EMU_SEGMENT], ax
        mov cx, [0x26]
        test cx, cx
        jnz .count
        mov cx, 1
.count:
        cmp cx, 0x0400                  ; more does not fit under the BIOS data of any loader
        jbe .bounded
        mov cx, 0x0400
.bounded:
        mov [es:EMU_COUNT], cx
        mov eax, [0x28]
        mov [es:EMU_LBA], eax
        mov al, [es:EMU_CDROM]
        sub al, 0xE0
        mov [es:EMU_INDEX], al
        add al, 0xE0
        mov bl, [es:EMU_MEDIA]
        test bl, bl
        jz .drive
        mov al, 0x00
        cmp bl, 4
        jne .drive
        mov al, 0x80
.drive:
        mov [es:EMU_DRIVE], al
        ; load the image's first sectors, four of 512 bytes per sector of the disc
        mov [es:EB_REQ_LBA], dword 0
        mov dword [es:EB_REQ_LBA + 4], 0
        mov byte [es:EB_REQ_KIND], 0
        mov ax, [es:EMU_SEGMENT]
        xor bx, bx
        call set_buffer
        mov cx, [es:EMU_COUNT]
        xor eax, eax
        call emulated_read
        jc .fail
        cmp byte [es:EMU_MEDIA], 0
        je .go
        call emulated_geometry
        jc .fail
        mov byte [es:EMU_ON], 1
        cmp byte [es:EMU_DRIVE], 0x80
        je .hard_disk
        mov ax, SEG_BDA
        mov ds, ax
        or byte [BDA_EQUIPMENT], 1      ; there is a diskette now
        jmp .go
.hard_disk:
        mov ax, SEG_BDA
        mov ds, ax
        inc byte [BDA_HD_COUNT]
.go:
        mov byte [es:EMU_BOOTED], 1
        mov dl, [es:EMU_DRIVE]
        mov ax, [es:EMU_SEGMENT]
        clc
        ret
.fail:
        stc
        ret
; One sector, number EAX, to EMU_SCRATCH:0.
.read_scratch:
        mov [es:EB_REQ_LBA], eax
        mov dword [es:EB_REQ_LBA + 4], 0
        mov byte [es:EB_REQ_KIND], 0
        mov word [es:EB_REQ_OFFSET], 0
        mov word [es:EB_REQ_SEGMENT], EMU_SCRATCH
        mov word [es:EB_REQ_COUNT], 1
        jmp cd_transfer

; Geometry of the emulated medium; a hard disk's comes from the partition entry loaded first.
emulated_geometry:
        mov word [es:EMU_CYLINDERS], 80
        mov word [es:EMU_HEADS], 2
        mov al, [es:EMU_MEDIA]
        mov cx, 15
        cmp al, 1
        je .set
        mov cx, 18
        cmp al, 2
        je .set
        mov cx, 36
        cmp al, 3
        je .set
        push ds
        mov ds, [es:EMU_SEGMENT]
        mov bl, [0x1BE + 5]             ; last head, sector, cylinder of the first partition
        mov cx, [0x1BE + 6]
        pop ds
        mov al, cl
        and al, 63
        jz .bad
        mov ah, 0
        mov [es:EMU_SPT], ax
        movzx ax, bl
        inc ax
        mov [es:EMU_HEADS], ax
        mov al, ch
        mov ah, cl
        shr ah, 6
        inc ax
        mov [es:EMU_CYLINDERS], ax
        clc
        ret
.set:
        mov [es:EMU_SPT], cx
        clc
        ret
.bad:
        stc
        ret

; Read CX sectors of 512 bytes from number EAX of the image into the request's buffer.
; CF = 1, AH = status.
emulated_read:
        push edi
        push bx
        push cx
        mov edi, eax
.chunk:
        test cx, cx
        jz .done
        push cx
        cmp cx, 32
        jbe .small
        mov cx, 32
.small:
        mov eax, edi
        movzx ebx, cx
        add edi, ebx
        mov bx, ax
        and bx, 3                       ; 512-byte pieces to drop in front
        shr eax, 2
        add eax, [es:EMU_LBA]
        mov [es:EB_REQ_LBA], eax
        push cx
        mov ax, cx
        shl ax, 8                       ; words to keep
        add cx, bx
        add cx, 3
        shr cx, 2
        shl bx, 8
        push di
        call cd_read
        pop di
        pop bx
        pop cx
        jc .end
        sub cx, bx
        jmp .chunk
.done:
        xor ah, ah
        clc
.end:
        pop cx
        pop bx
        pop edi
        ret

; INT 13h while an emulated drive is on. DL = drive, ES = EBDA.
int13_emulated:
        cmp dl, [es:EMU_DRIVE]
        je .serve
        cmp byte [bp + R_AH], 0x4B
        jne .others
        cmp dl, 0x7F                    ; terminate: every emulated drive
        je .serve
.others:
        cmp byte [es:EMU_DRIVE], 0x80
        jne int13_real
        cmp dl, 0x80
        jbe int13_real
        cmp dl, 0xE0
        jae int13_real
        dec dl                          ; the real disks moved up by one
        jmp int13_real
.serve:
        sti
        push dx
        mov dl, [es:EMU_CDROM]
        call find_drive
        pop dx
        jc disk_invalid
        mov al, [bp + R_AH]
        cmp al, 0x4B
        je eltorito_status
        cmp al, 0x02
        je .read
        cmp al, 0x04
        je .verify
        cmp al, 0x03
        je .protected
        cmp al, 0x05
        je .protected
        cmp al, 0x08
        je .parameters
        cmp al, 0x15
        je .type
        cmp al, 0x01
        je disk_status
        cmp al, 0x16
        jbe disk_ok
        jmp disk_invalid
.protected:
        mov ah, 0x03
        jmp disk_result
.verify:
        call emulated_address
        jc disk_result
        jmp disk_ok
.read:
        call emulated_address
        jc disk_result
        push eax
        mov byte [es:EB_REQ_KIND], 0
        mov ax, [bp + R_ES]
        mov bx, [bp + R_BX]
        call set_buffer
        pop eax
        movzx cx, byte [bp + R_AL]
        call emulated_read
        jnc disk_result
        mov byte [bp + R_AL], 0
        jmp disk_result
.parameters:
        mov ax, [es:EMU_CYLINDERS]
        dec ax
        mov ch, al
        shl ah, 6
        mov cl, ah
        or cl, [es:EMU_SPT]
        mov [bp + R_CX], cx
        mov al, [es:EMU_HEADS]
        dec al
        mov [bp + R_DH], al
        mov al, [BDA_HD_COUNT]
        cmp byte [es:EMU_DRIVE], 0x80
        je .count
        mov al, [es:EB_FD_COUNT]
        test al, al
        jnz .floppies
        inc al
.floppies:
        mov byte [bp + R_BL], 4
        mov bl, [es:EMU_MEDIA]
        cmp bl, 1
        jne .not_1200
        mov byte [bp + R_BL], 2
.not_1200:
        cmp bl, 3
        jne .table
        mov byte [bp + R_BL], 6
.table:
        mov word [bp + R_ES], SEG_BIOS
        mov word [bp + R_DI], diskette_parameters
.count:
        mov [bp + R_DL], al
        jmp disk_ok
.type:
        mov byte [bp + R_AH], 1
        cmp byte [es:EMU_DRIVE], 0x80
        jne service_ok
        mov byte [bp + R_AH], 3
        mov ax, [es:EMU_HEADS]
        mul word [es:EMU_SPT]
        mul word [es:EMU_CYLINDERS]
        mov [bp + R_CX], dx
        mov [bp + R_DX], ax
        jmp service_ok

; EAX = 512-byte sector from the caller's CX, DH; CF = 1, AH = 04h outside.
emulated_address:
        movzx ebx, word [bp + R_CX]
        movzx ecx, bl
        and cl, 63
        jz .outside
        cmp cx, [es:EMU_SPT]
        ja .outside
        xchg bl, bh
        shr bh, 6
        cmp bx, [es:EMU_CYLINDERS]
        jae .outside
        movzx edx, byte [bp + R_DH]
        cmp dx, [es:EMU_HEADS]
        jae .outside
        movzx eax, word [es:EMU_HEADS]
        imul eax, ebx
        add eax, edx
        movzx edx, word [es:EMU_SPT]
        imul eax, edx
        lea eax, [eax + ecx - 1]
        clc
        ret
.outside:
        mov ah, 0x04
        stc
        ret

; INT 13h 4Bh: AL = 0 end the emulation and describe it, AL = 1 describe it.
eltorito_status:
        cmp byte [es:EMU_BOOTED], 0
        je disk_invalid
        mov al, [bp + R_AL]
        cmp al, 1
        ja disk_invalid
        mov fs, [bp + R_DS]
        mov di, [bp + R_SI]
        mov byte [fs:di], 0x13
        mov al, [es:EMU_MEDIA]
        mov [fs:di + 1], al
        mov al, [es:EMU_DRIVE]
        mov [fs:di + 2], al
        mov al, [es:EMU_INDEX]
        mov [fs:di + 3], al
        mov eax, [es:EMU_LBA]
        mov [fs:di + 4], eax
        mov word [fs:di + 8], 0
        mov word [fs:di + 10], 0
        mov ax, [es:EMU_SEGMENT]
        mov [fs:di + 12], ax
        mov ax, [es:EMU_COUNT]
        mov [fs:di + 14], ax
        mov ax, [es:EMU_CYLINDERS]
        dec ax
        mov [fs:di + 16], al
        shl ah, 6
        or ah, [es:EMU_SPT]
        mov [fs:di + 17], ah
        mov al, [es:EMU_HEADS]
        dec al
        mov [fs:di + 18], al
        cmp byte [bp + R_AL], 0
        jne disk_ok
        cmp byte [es:EMU_ON], 0
        je disk_ok
        mov byte [es:EMU_ON], 0
        cmp byte [es:EMU_DRIVE], 0x80
        jne disk_ok
        dec byte [BDA_HD_COUNT]
        jmp disk_ok
