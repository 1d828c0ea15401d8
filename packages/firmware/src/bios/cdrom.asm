; CD-ROMs: reading 2048-byte sectors by packets, and INT 13h on a CD-ROM's own drive number.
; Source: MMC-2 (READ(10), REQUEST SENSE, TEST UNIT READY).

; Clear the packet and put AL in front.
packet_start:
        mov dword [es:EB_ATAPI], 0
        mov dword [es:EB_ATAPI + 4], 0
        mov dword [es:EB_ATAPI + 8], 0
        mov [es:EB_ATAPI], al
        mov dword [es:EB_REQ_SKIP], 0   ; and EB_REQ_TAKE behind it
        ret

; REQUEST SENSE: AL = sense key, AH = additional code. Keeps the request block.
cd_sense:
        push dword [es:EB_REQ_OFFSET]
        mov al, 0x03
        call packet_start
        mov byte [es:EB_ATAPI + 4], 18
        mov word [es:EB_REQ_TAKE], 9
        mov word [es:EB_REQ_OFFSET], EB_SECTOR
        mov word [es:EB_REQ_SEGMENT], es
        call atapi_packet
        pop dword [es:EB_REQ_OFFSET]
        mov al, 0x0F                    ; no sense: an unknown fault
        jc .end
        mov al, [es:EB_SECTOR + 2]
        and al, 0x0F
        mov ah, [es:EB_SECTOR + 12]
.end:
        ret

; Wait until a disc can be read. CF = 1, AH = 31h without one.
cd_ready:
        push cx
        mov cx, 50                      ; 5 s for a drive that becomes ready
.again:
        mov al, 0
        call packet_start
        call atapi_packet
        jnc .end
        call cd_sense
        cmp al, 6                       ; unit attention: the disc was changed, ask again
        je .next
        cmp al, 2
        jne .absent
        cmp ah, 0x04                    ; becoming ready
        jne .absent
        mov eax, 100000
        call delay
.next:
        loop .again
.absent:
        mov ah, 0x31
        stc
.end:
        pop cx
        ret

; Move EB_REQ_COUNT sectors of 2048 bytes at EB_REQ_LBA. Out as ata_transfer.
cd_transfer:
        cmp byte [es:EB_REQ_KIND], 1
        mov ah, 0x03                    ; write-protected
        je .fail
        cmp dword [es:EB_REQ_LBA + 4], 0
        mov ah, 0x04
        jne .fail
        push cx
        push bx
.chunk:
        mov cx, [es:EB_REQ_COUNT]
        jcxz .done
        cmp cx, 16
        jbe .small
        mov cx, 16
.small:
        mov ax, cx
        shl ax, 10                      ; words
        cmp byte [es:EB_REQ_KIND], 2
        jne .wanted
        xor ax, ax                      ; verify: read and drop
.wanted:
        xor bx, bx
        call cd_read
        jc .end
        movzx eax, cx
        sub [es:EB_REQ_COUNT], cx
        add [es:EB_REQ_LBA], eax
        jmp .chunk
.done:
        xor ah, ah
        clc
.end:
        pop bx
        pop cx
        ret
.fail:
        stc
        ret

; Read CX sectors at EB_REQ_LBA, drop BX words, keep AX words in the buffer. Three tries.
cd_read:
        push dx
        mov dh, 4
.again:
        push dword [es:EB_REQ_OFFSET]
        push ax
        push bx
        push cx
        push dx
        push ax
        mov al, 0x28
        call packet_start
        mov eax, [es:EB_REQ_LBA]
        bswap eax
        mov [es:EB_ATAPI + 2], eax
        xchg cl, ch
        mov [es:EB_ATAPI + 7], cx
        pop ax
        mov [es:EB_REQ_SKIP], bx
        mov [es:EB_REQ_TAKE], ax
        call atapi_packet
        jc .failed
        pop dx
        pop cx
        pop bx
        pop ax
        add sp, 4
        clc
        jmp .end
.failed:
        call cd_sense
        mov [es:EB_SECTOR], ax          ; key and code for the decision below
        pop dx
        pop cx
        pop bx
        pop ax
        pop dword [es:EB_REQ_OFFSET]
        cmp word [es:EB_SECTOR], 0x3A02 ; no disc
        je .no_disc
        dec dh
        jz .bad
        cmp byte [es:EB_SECTOR], 2
        jne .again
        push ax
        mov eax, 200000
        call delay
        pop ax
        jmp .again
.no_disc:
        mov ah, 0x31
        stc
        jmp .end
.bad:
        mov ah, 0x04
        cmp byte [es:EB_SECTOR], 5      ; illegal request: past the end
        je .set
        mov ah, 0x10
.set:
        stc
.end:
        pop dx
        ret

; AL = function, SI = drive.
int13_cdrom:
        cmp al, 0x41
        jb .old
        cmp al, 0x4E
        ja disk_invalid
        cmp al, 0x46
        je cd_eject
        movzx bx, al
        sub bx, 0x41
        shl bx, 1
        jmp [cs:bx + edd_functions]
.old:
        cmp al, 0x00
        je disk_ok
        cmp al, 0x01
        je disk_status
        cmp al, 0x0D
        je disk_ok
        cmp al, 0x09
        je disk_ok
        cmp al, 0x10
        je disk_ok
        cmp al, 0x11
        je disk_ok
        cmp al, 0x14
        je disk_ok
        cmp al, 0x15
        jne disk_invalid
        mov byte [bp + R_AH], 2         ; a removable thing with a change line
        jmp service_ok

cd_eject:
        mov al, 0x1B                    ; START STOP UNIT
        call packet_start
        mov byte [es:EB_ATAPI + 4], 2
        call atapi_packet
        jc .refused
        mov ah, 0
        jmp disk_result
.refused:
        mov ah, 0xB1
        jmp disk_result
