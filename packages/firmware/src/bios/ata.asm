; ATA and ATAPI devices by programmed I/O, polled with the device's interrupt shut (nIEN).
; Source: ATA/ATAPI-4 (T13/1153D), SFF-8020i for packets. All routines: ES = EBDA, SI = drive.

ATA_DATA        equ 0
ATA_ERROR       equ 1
ATA_COUNT       equ 2
ATA_LBA_LOW     equ 3
ATA_LBA_MID     equ 4
ATA_LBA_HIGH    equ 5
ATA_DEVICE      equ 6
ATA_COMMAND     equ 7

ST_BSY          equ 0x80
ST_DF           equ 0x20
ST_DRQ          equ 0x08
ST_ERR          equ 0x01

ATA_TIMEOUT     equ 8000000             ; microseconds: a sleeping disk may need seconds

; DX = port AL of the drive's command block.
ata_port:
        mov dx, [es:si + DR_COMMAND]
        add dl, al
        ret

; Wait for BSY = 0. AL = status; CF = 1 after the time-out.
ata_wait:
        push dx
        mov eax, ATA_TIMEOUT
        call wait_start
        mov al, ATA_COMMAND
        call ata_port
        in al, dx                       ; a first read gives the status its 400 ns
.poll:
        in al, dx
        test al, ST_BSY
        jz .ready
        call wait_over
        jnc .poll
        pop dx
        ret
.ready:
        pop dx
        clc
        ret

; Wait until data may move: CF = 0 with DRQ; CF = 1, AH = BIOS status otherwise.
ata_wait_data:
        call ata_wait
        mov ah, 0x80                    ; time-out
        jc .end
        test al, ST_ERR | ST_DF
        jnz .failed
        test al, ST_DRQ
        mov ah, 0x20                    ; controller failure: neither error nor data
        jz .error
        clc
.end:
        ret
.failed:
        call ata_error
.error:
        stc
        ret

; AH = BIOS status from the error register.
ata_error:
        push dx
        mov al, ATA_ERROR
        call ata_port
        in al, dx
        pop dx
        mov ah, 0x10                    ; UNC: uncorrectable data
        test al, 0x40
        jnz .end
        mov ah, 0x04                    ; IDNF: sector not found
        test al, 0x10
        jnz .end
        mov ah, 0x01                    ; ABRT: bad command
        test al, 0x04
        jnz .end
        mov ah, 0x20
.end:
        ret

; Select the drive with AL = extra bits of the device register; interrupts of the channel shut.
ata_select:
        push bx
        mov bl, al
        mov dx, [es:si + DR_CONTROL]
        mov al, 0x0A                    ; nIEN
        out dx, al
        mov al, ATA_DEVICE
        call ata_port
        mov al, [es:si + DR_SELECT]
        or al, bl
        out dx, al
        call ata_wait
        pop bx
        ret

; Move EB_REQ_COUNT sectors at EB_REQ_LBA. Out: CF = 0, or CF = 1 and AH = status;
; EB_REQ_COUNT = sectors not moved.
ata_transfer:
        push ecx
        push ebx
        push di
.chunk:
        movzx ecx, word [es:EB_REQ_COUNT]
        test cx, cx
        jz .done
        cmp cx, 128
        jbe .small
        mov cx, 128
.small:
        mov [es:EB_REQ_CHUNK], cx
        call ata_issue
        jc .end
        cmp byte [es:EB_REQ_KIND], 2
        je .verify
.sector:
        call ata_wait_data
        jc .end
        call ata_move_sector
        add word [es:EB_REQ_LBA], 1
        adc word [es:EB_REQ_LBA + 2], 0
        adc dword [es:EB_REQ_LBA + 4], 0
        dec word [es:EB_REQ_COUNT]
        dec word [es:EB_REQ_CHUNK]
        jnz .sector
        cmp byte [es:EB_REQ_KIND], 1
        jne .chunk
        call ata_wait                   ; the last sector written may still fail
        mov ah, 0x80
        jc .end
        test al, ST_ERR | ST_DF
        jz .chunk
        call ata_error
        stc
        jmp .end
.verify:
        call ata_wait
        mov ah, 0x80
        jc .end
        test al, ST_ERR | ST_DF
        jz .verified
        call ata_error
        stc
        jmp .end
.verified:
        movzx eax, word [es:EB_REQ_CHUNK]
        sub [es:EB_REQ_COUNT], ax
        add [es:EB_REQ_LBA], eax
        adc dword [es:EB_REQ_LBA + 4], 0
        jmp .chunk
.done:
        xor ah, ah
        clc
.end:
        pop di
        pop ebx
        pop ecx
        ret

; One sector between the data port and the caller's buffer, which moves on by 512 bytes.
ata_move_sector:
        push ds
        push es
        mov di, [es:EB_REQ_OFFSET]
        mov dx, [es:si + DR_COMMAND]
        mov cx, 128
        cmp byte [es:EB_REQ_KIND], 1
        je .write
        mov ax, [es:EB_REQ_SEGMENT]
        mov es, ax
        rep insd
        jmp .moved
.write:
        mov ax, [es:EB_REQ_SEGMENT]
        mov ds, ax
        push si
        mov si, di
        rep outsd
        pop si
.moved:
        pop es
        pop ds
        add word [es:EB_REQ_SEGMENT], 32
        ret

; Send the command for CX sectors at EB_REQ_LBA. CF = 1, AH = status when the device is not there.
ata_issue:
        mov eax, [es:EB_REQ_LBA]
        add eax, ecx
        jc .far
        cmp eax, 0x10000000
        ja .far
        cmp dword [es:EB_REQ_LBA + 4], 0
        jne .far
        mov al, [es:EB_REQ_LBA + 3]
        and al, 0x0F
        or al, 0x40
        call ata_select
        jc .absent
        mov bx, ata_commands
        jmp .low
.far:
        test byte [es:si + DR_FLAGS], 1
        mov ah, 0x04
        jz .fail
        mov al, 0x40
        call ata_select
        jc .absent
        mov al, ATA_COUNT               ; the upper bytes go first
        call ata_port
        mov al, 0
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA + 3]
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA + 4]
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA + 5]
        out dx, al
        mov bx, ata_commands_48
.low:
        mov al, ATA_COUNT
        call ata_port
        mov al, cl
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA]
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA + 1]
        out dx, al
        inc dx
        mov al, [es:EB_REQ_LBA + 2]
        out dx, al
        add bl, [es:EB_REQ_KIND]
        adc bh, 0
        mov al, ATA_COMMAND
        call ata_port
        mov al, [cs:bx]
        out dx, al
        clc
        ret
.absent:
        mov ah, 0x80
.fail:
        stc
        ret

ata_commands:
        db 0x20, 0x30, 0x40             ; READ SECTORS, WRITE SECTORS, READ VERIFY
ata_commands_48:
        db 0x24, 0x34, 0x42             ; their EXT forms

; Flush the write cache; errors do not matter here.
ata_flush:
        mov al, 0x40
        call ata_select
        mov al, ATA_COMMAND
        call ata_port
        mov al, 0xE7
        out dx, al
        jmp ata_wait

; Send the 12-byte packet at EB_ATAPI and take EB_REQ_TAKE words after EB_REQ_SKIP dropped ones.
; CF = 1, AH = BIOS status on failure.
atapi_packet:
        mov al, 0
        call ata_select
        jc .timeout
        mov al, ATA_ERROR
        call ata_port
        mov al, 0                       ; features: no DMA
        out dx, al
        mov al, ATA_LBA_MID
        call ata_port
        mov al, 0x00                    ; at most 2048 bytes at a time
        out dx, al
        inc dx
        mov al, 0x08
        out dx, al
        mov al, ATA_COMMAND
        call ata_port
        mov al, 0xA0
        out dx, al
        call ata_wait_data
        jc .end
        mov dx, [es:si + DR_COMMAND]
        push ds
        push si
        push es
        pop ds
        mov si, EB_ATAPI
        mov cx, 6
        rep outsw
        pop si
        pop ds
.block:
        call ata_wait
        jc .timeout
        test al, ST_ERR | ST_DF
        mov ah, 0x20
        jnz .error
        test al, ST_DRQ
        jz .done
        mov al, ATA_LBA_MID
        call ata_port
        in al, dx
        mov bl, al
        inc dx
        in al, dx
        mov bh, al
        inc bx
        shr bx, 1                       ; words in this block
        mov dx, [es:si + DR_COMMAND]
        mov cx, bx
        cmp cx, [es:EB_REQ_SKIP]
        jbe .skip
        mov cx, [es:EB_REQ_SKIP]
.skip:
        sub [es:EB_REQ_SKIP], cx
        sub bx, cx
        call .drop
        mov cx, bx
        cmp cx, [es:EB_REQ_TAKE]
        jbe .take
        mov cx, [es:EB_REQ_TAKE]
.take:
        sub [es:EB_REQ_TAKE], cx
        sub bx, cx
        jcxz .rest
        push es
        mov di, [es:EB_REQ_OFFSET]
        mov ax, [es:EB_REQ_SEGMENT]
        mov es, ax
        rep insw
        pop es
        mov ax, di                      ; keep the buffer normalized
        and di, 15
        shr ax, 4
        mov [es:EB_REQ_OFFSET], di
        add [es:EB_REQ_SEGMENT], ax
.rest:
        mov cx, bx
        call .drop
        jmp .block
.drop:
        jcxz .dropped
.drop_word:
        in ax, dx
        loop .drop_word
.dropped:
        ret
.done:
        xor ah, ah
        clc
        ret
.timeout:
        mov ah, 0x80
.error:
        stc
.end:
        ret
