; INT 13h extensions 41h-48h (T13 BIOS Enhanced Disk Drive Services 3.0), for hard disks and CD-ROMs.

edd_functions:                          ; from 41h
        dw edd_present, edd_read, edd_write, edd_verify, disk_ok, disk_invalid
        dw edd_seek, edd_parameters, disk_invalid, disk_invalid, eltorito_status
        dw disk_invalid, disk_invalid, disk_ok

edd_present:
        cmp word [bp + R_BX], 0x55AA
        jne disk_invalid
        mov word [bp + R_BX], 0xAA55
        mov word [bp + R_CX], 0x0007    ; packet access, locking and ejecting, EDD
        mov byte [BDA_HD_STATUS], 0
        mov byte [bp + R_AH], 0x30      ; EDD 3.0
        jmp service_ok

edd_read:
        mov al, 0
        jmp edd_move
edd_write:
        mov al, 1
        jmp edd_move
edd_verify:
        mov al, 2
        jmp edd_move
edd_seek:
        mov al, 3
edd_move:
        mov [es:EB_REQ_KIND], al
        push ds
        mov ds, [bp + R_DS]
        mov di, [bp + R_SI]
        mov ah, 0x01
        cmp byte [di], 16               ; size of the address packet
        jb .refuse
        mov cx, [di + 2]
        mov [es:EB_REQ_COUNT], cx
        mov bx, [di + 4]
        mov ax, [di + 6]
        call set_buffer
        mov eax, [di + 8]
        mov edx, [di + 12]
        mov [es:EB_REQ_LBA], eax
        mov [es:EB_REQ_LBA + 4], edx
        movzx ecx, cx
        add eax, ecx
        adc edx, 0
        cmp byte [es:si + DR_TYPE], 2
        je .inside                      ; the CD-ROM itself knows where it ends
        cmp edx, [es:si + DR_SECTORS + 4]
        ja .outside
        jb .inside
        cmp eax, [es:si + DR_SECTORS]
        ja .outside
.inside:
        pop ds
        mov ah, 0
        cmp byte [es:EB_REQ_KIND], 3
        je disk_result
        push word [es:EB_REQ_COUNT]
        cmp byte [es:si + DR_TYPE], 2
        je .cdrom
        call ata_transfer
        jmp .moved
.cdrom:
        call cd_transfer
.moved:
        pop cx
        sub cx, [es:EB_REQ_COUNT]
        push ds
        mov ds, [bp + R_DS]
        mov di, [bp + R_SI]
        mov [di + 2], cx                ; sectors moved
        pop ds
        jmp disk_result
.outside:
        mov ah, 0x04
        mov word [di + 2], 0
.refuse:
        pop ds
        jmp disk_result

; Drive parameters: as much of the 66-byte table as the caller has room for.
edd_parameters:
        push ds
        mov ds, [bp + R_DS]
        mov di, [bp + R_SI]
        mov ah, 0x01
        cmp word [di], 26
        jb .refuse
        mov word [di + 2], 0x0002       ; geometry valid
        movzx eax, word [es:si + DR_PCYLINDERS]
        mov [di + 4], eax
        movzx eax, word [es:si + DR_PHEADS]
        mov [di + 8], eax
        movzx eax, word [es:si + DR_PSPT]
        mov [di + 12], eax
        mov eax, [es:si + DR_SECTORS]
        mov [di + 16], eax
        mov eax, [es:si + DR_SECTORS + 4]
        mov [di + 20], eax
        mov ax, [es:si + DR_BLOCK]
        mov [di + 24], ax
        cmp byte [es:si + DR_TYPE], 2
        jne .geometry
        mov word [di + 2], 0x0074       ; removable, lockable, no geometry
        mov dword [di + 16], 0xFFFFFFFF
        mov dword [di + 20], 0xFFFFFFFF
.geometry:
        cmp word [di], 30
        jb .short
        call fill_dpte
        mov word [di + 26], EB_DPTE
        mov word [di + 28], es
        cmp word [di], 66
        jb .medium
        call fill_device_path
        mov word [di], 66
        jmp .done
.medium:
        mov word [di], 30
        jmp .done
.short:
        mov word [di], 26
.done:
        mov ah, 0
.refuse:
        pop ds
        jmp disk_result

; Device parameter table extension: where the drive's registers are.
fill_dpte:
        push cx
        mov ax, [es:si + DR_COMMAND]
        mov [es:EB_DPTE], ax
        mov ax, [es:si + DR_CONTROL]
        mov [es:EB_DPTE + 2], ax
        mov al, [es:si + DR_SELECT]
        or al, 0x40
        mov [es:EB_DPTE + 4], al
        mov byte [es:EB_DPTE + 5], 0
        mov al, 14
        cmp word [es:si + DR_COMMAND], 0x1F0
        je .irq
        mov al, 15
.irq:
        mov [es:EB_DPTE + 6], al
        mov byte [es:EB_DPTE + 7], 1    ; sectors per block
        mov word [es:EB_DPTE + 8], 0    ; no DMA, PIO mode 0
        mov ax, 0x0010                  ; LBA
        cmp byte [es:si + DR_TYPE], 2
        jne .options
        mov ax, 0x0060                  ; removable, ATAPI
.options:
        mov [es:EB_DPTE + 10], ax
        mov word [es:EB_DPTE + 12], 0
        mov byte [es:EB_DPTE + 14], 0x11
        mov bx, EB_DPTE
        mov cx, 15
        mov al, 0
.sum:
        add al, [es:bx]
        inc bx
        loop .sum
        neg al
        mov [es:EB_DPTE + 15], al
        pop cx
        ret

; Device path: the IDE function on PCI, then first or second device.
fill_device_path:
        mov word [di + 30], 0xBEDD
        mov dword [di + 32], 36         ; length 36, the rest reserved
        mov dword [di + 36], 0x20494350 ; 'PCI '
        mov dword [di + 40], 0x20415441 ; 'ATA     '
        mov dword [di + 44], 0x20202020
        mov dword [di + 48], 0x00010100 ; bus 0, device 1, function 1
        mov dword [di + 52], 0
        cmp word [es:si + DR_COMMAND], 0x1F0
        je .channel
        mov byte [di + 51], 1
.channel:
        mov al, [es:si + DR_SELECT]
        shr al, 4
        and eax, 1
        mov [di + 56], eax
        mov dword [di + 60], 0
        mov word [di + 64], 0
        push cx
        mov bx, 30
        mov cx, 35
        mov al, 0
.sum:
        add al, [di + bx]
        inc bx
        loop .sum
        neg al
        mov [di + 65], al
        pop cx
        ret
