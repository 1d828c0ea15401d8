; Finding ATA and ATAPI devices on the two IDE channels during POST.

ide_channels:                           ; command, control, device, twice per channel
        dw 0x1F0, 0x3F6, 0xA0
        dw 0x1F0, 0x3F6, 0xB0
        dw 0x170, 0x376, 0xA0
        dw 0x170, 0x376, 0xB0
ide_channels_end:

find_disks:
        mov ax, SEG_EBDA
        mov es, ax
        mov ax, SEG_BDA
        mov ds, ax
        mov si, EB_DRIVES
        mov bx, ide_channels
.next:
        mov ax, [cs:bx]
        mov [es:si + DR_COMMAND], ax
        mov ax, [cs:bx + 2]
        mov [es:si + DR_CONTROL], ax
        mov al, [cs:bx + 4]
        mov [es:si + DR_SELECT], al
        cmp al, 0xA0
        jne .probe
        call reset_channel
.probe:
        push bx
        call probe_device
        pop bx
        add si, DRIVE_SIZE
        add bx, 6
        cmp bx, ide_channels_end
        jb .next
        ret

; Software reset of the drive's channel; both devices then show their signatures.
reset_channel:
        mov dx, [es:si + DR_CONTROL]
        mov al, 0x0E                    ; SRST, nIEN
        out dx, al
        mov eax, 10
        call delay
        mov al, 0x0A
        out dx, al
        mov eax, 2000
        jmp delay

probe_device:
        mov byte [es:si + DR_TYPE], 0
        mov al, ATA_COMMAND
        call ata_port
        in al, dx
        cmp al, 0xFF                    ; nobody drives the bus
        je .none
        mov al, 0
        call ata_select
        jc .none
        mov al, ATA_COUNT               ; a device keeps what is written to its registers
        call ata_port
        mov al, 0x55
        out dx, al
        inc dx
        mov al, 0xAA
        out dx, al
        dec dx
        in al, dx
        cmp al, 0x55
        jne .none
        inc dx
        in al, dx
        cmp al, 0xAA
        jne .none
        mov al, ATA_LBA_MID             ; the signature survived: EB14h is a packet device
        call ata_port
        in al, dx
        mov bl, al
        inc dx
        in al, dx
        mov bh, al
        mov al, 0xEC                    ; IDENTIFY DEVICE
        mov cl, 1
        cmp bx, 0xEB14
        jne .identify
        mov al, 0xA1                    ; IDENTIFY PACKET DEVICE
        mov cl, 2
.identify:
        mov ch, al
        mov al, ATA_COMMAND
        call ata_port
        mov al, ch
        out dx, al
        in al, dx
        test al, al                     ; an absent second device answers with zero
        jz .none
        call ata_wait_data
        jc .none
        mov di, EB_SECTOR
        mov dx, [es:si + DR_COMMAND]
        push cx
        mov cx, 256
        rep insw
        pop cx
        mov [es:si + DR_TYPE], cl
        call copy_model
        cmp cl, 2
        je take_cdrom
        jmp take_disk
.none:
        ret

; Model name: 40 characters in swapped pairs; the first 31 are kept without trailing blanks.
copy_model:
        pusha
        mov di, si
        sub di, EB_DRIVES
        add di, EB_NAMES
        mov bx, EB_SECTOR + 54
        mov cx, 15
.pair:
        mov ax, [es:bx]
        xchg al, ah
        stosw
        add bx, 2
        loop .pair
        mov al, 0
        stosb
        dec di
.trim:
        mov byte [es:di], 0
        dec di
        cmp byte [es:di], ' '
        je .trim
        popa
        ret

take_cdrom:
        mov word [es:si + DR_BLOCK], 2048
        mov al, [es:EB_CD_COUNT]
        inc byte [es:EB_CD_COUNT]
        add al, 0xE0
        mov [es:si + DR_NUMBER], al
        push si
        mov si, text_cdrom
        call print
        pop si
        call print_name
        push si
        mov si, text_line
        call print
        pop si
        ret

take_disk:
        mov word [es:si + DR_BLOCK], 512
        mov al, [BDA_HD_COUNT]
        inc byte [BDA_HD_COUNT]
        add al, 0x80
        mov [es:si + DR_NUMBER], al
        mov ax, [es:EB_SECTOR + 2]
        mov [es:si + DR_PCYLINDERS], ax
        mov ax, [es:EB_SECTOR + 6]
        mov [es:si + DR_PHEADS], ax
        mov ax, [es:EB_SECTOR + 12]
        mov [es:si + DR_PSPT], ax
        mov eax, [es:EB_SECTOR + 120]
        xor edx, edx
        test byte [es:EB_SECTOR + 167], 0x04    ; word 83 bit 10: 48-bit addresses
        jz .sectors
        or byte [es:si + DR_FLAGS], 1
        mov ecx, [es:EB_SECTOR + 200]
        mov edx, [es:EB_SECTOR + 204]
        mov edi, ecx
        or edi, edx
        jz .sectors28
        mov eax, ecx
        jmp .sectors
.sectors28:
        xor edx, edx
.sectors:
        mov [es:si + DR_SECTORS], eax
        mov [es:si + DR_SECTORS + 4], edx
        call choose_geometry
        call set_fixed_disk_table
        push si
        mov si, text_disk
        call print
        pop si
        call print_name
        push si
        mov si, text_comma
        call print
        pop si
        mov eax, [es:si + DR_SECTORS]
        mov edx, [es:si + DR_SECTORS + 4]
        shrd eax, edx, 11
        call print_decimal
        push si
        mov si, text_mib
        call print
        pop si
        ret

print_name:
        mov di, si
        sub di, EB_DRIVES
        add di, EB_NAMES
        jmp print_es

; Geometry programs see: the device's own while it fits INT 13h, else 63 sectors and as many heads
; as keep the cylinders under 1025 (LBA-assisted translation).
choose_geometry:
        mov ax, [es:si + DR_PCYLINDERS]
        mov dx, [es:si + DR_PHEADS]
        mov cx, [es:si + DR_PSPT]
        cmp ax, 1024
        ja .translate
        test ax, ax
        jz .translate
        test dx, dx
        jz .translate
        cmp cx, 63
        ja .translate
        jcxz .translate
        mov [es:si + DR_CYLINDERS], ax
        mov [es:si + DR_HEADS], dx
        mov [es:si + DR_SPT], cx
        ret
.translate:
        mov ecx, 16
        mov eax, [es:si + DR_SECTORS]
        cmp dword [es:si + DR_SECTORS + 4], 0
        jne .most
        mov edx, 1024 * 63 * 16
.fits:
        cmp eax, edx
        jbe .heads
        shl edx, 1
        shl ecx, 1
        cmp ecx, 256
        jb .fits
.most:
        mov ecx, 255
.heads:
        mov [es:si + DR_HEADS], cx
        mov word [es:si + DR_SPT], 63
        imul ecx, ecx, 63
        mov edx, [es:si + DR_SECTORS + 4]
        cmp edx, ecx
        jae .top
        div ecx
        cmp eax, 1024
        jbe .cylinders
.top:
        mov eax, 1024
.cylinders:
        mov [es:si + DR_CYLINDERS], ax
        ret

; Tables behind INT 41h and 46h for the first two disks.
set_fixed_disk_table:
        movzx bx, byte [es:si + DR_NUMBER]
        sub bx, 0x80
        cmp bx, 2
        jae .end
        mov di, EB_FDPT0
        mov cx, 0x41 * 4
        test bx, bx
        jz .fill
        mov di, EB_FDPT1
        mov cx, 0x46 * 4
.fill:
        mov ax, [es:si + DR_CYLINDERS]
        mov [es:di], ax
        mov al, [es:si + DR_HEADS]
        mov [es:di + 2], al
        mov word [es:di + 5], 0xFFFF    ; no write precompensation
        mov byte [es:di + 8], 0xC0
        mov ax, [es:si + DR_CYLINDERS]
        mov [es:di + 12], ax
        mov al, [es:si + DR_SPT]
        mov [es:di + 14], al
        push fs
        mov ax, 0
        mov fs, ax
        mov bx, cx
        mov [fs:bx], di
        mov [fs:bx + 2], es
        pop fs
.end:
        ret

text_disk:
        db "Hard disk ", 0
text_cdrom:
        db "CD-ROM    ", 0
text_comma:
        db ", ", 0
text_line:
        db 13, 10, 0
