; Power-on self test: the order in which the machine is brought up.
; Codes on port 80h follow the steps, so that a trace shows where a board stopped.

post_start:
        cli
        cld
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        POST_CODE 0x10
        call init_data_areas
        POST_CODE 0x11
        call init_vectors
        POST_CODE 0x12
        call init_dma
        call init_pic
        POST_CODE 0x13
        call init_timer
        POST_CODE 0x14
        call size_memory
        POST_CODE 0x15
        call init_pci
        POST_CODE 0x16
        call start_video
        call print_banner
        POST_CODE 0x17
        call init_clock
        POST_CODE 0x18
        call init_keyboard
        call init_mouse
        sti
        POST_CODE 0x19
        call print_memory
        call find_serial_ports
        call find_parallel_ports
        POST_CODE 0x1A
        call find_floppies
        POST_CODE 0x1B
        call find_disks
        POST_CODE 0x1C
        call start_option_roms
        POST_CODE 0x1D
        call install_acpi
        call install_smbios
        POST_CODE 0x1E
        call lock_shadow
        POST_CODE 0x1F
        call offer_boot_menu
        POST_CODE 0x20
        int 0x19
.halt:
        hlt
        jmp .halt

; BDA and EBDA values that are not zero (memory was cleared on the way here).
init_data_areas:
        mov ax, SEG_BDA
        mov ds, ax
        mov word [BDA_EBDA], SEG_EBDA
        mov word [BDA_MEMORY_KIB], 640 - EBDA_KIB
        mov ax, BDA_KB_BUFFER
        mov [BDA_KB_HEAD], ax
        mov [BDA_KB_TAIL], ax
        mov [BDA_KB_START], ax
        mov word [BDA_KB_END], BDA_KB_BUF_END
        mov word [BDA_EQUIPMENT], 0x0002        ; coprocessor; the rest is added as it is found
        mov dword [BDA_LPT_TIMEOUT], 0x14141414
        mov dword [BDA_COM_TIMEOUT], 0x01010101
        mov ax, SEG_EBDA
        mov es, ax
        mov byte [es:0], EBDA_KIB
        mov byte [es:EB_MOUSE_BYTES], 3
        ret

; The system board's video ROM sits in the C0000 shadow already; start it like any option ROM.
start_video:
        mov ax, SEG_VIDEO
        mov ds, ax
        cmp word [0], 0xAA55
        jne .none
        call find_display               ; AX = bus/device/function for the ROM, as PCI Firmware says
        push bp
        call SEG_VIDEO:3
        pop bp
.none:
        mov ax, SEG_BDA
        mov ds, ax
        and byte [BDA_EQUIPMENT], 0xCF  ; initial video mode: 80 columns colour
        or byte [BDA_EQUIPMENT], 0x20
        ret

; Option ROMs on 2 KiB borders: 55AAh, length in 512-byte units, bytes that add up to zero.
start_option_roms:
        mov dx, 0xC800
.next:
        mov ds, dx
        cmp word [0], 0xAA55
        jne .skip
        movzx ecx, byte [2]
        jcxz .skip
        mov bx, cx
        shl bx, 5                       ; length in paragraphs
        mov ax, dx
        add ax, bx
        jc .skip
        cmp ax, 0xE000
        ja .skip
        shl ecx, 9
        xor esi, esi
        xor al, al
.sum:
        add al, [esi]                   ; 32-bit address, offset under 64 KiB for up to 127 units
        inc si
        jz .long
        dec ecx
        jnz .sum
        test al, al
        jnz .skip
.start:
        push dx
        push bx
        mov ax, SEG_EBDA
        mov es, ax
        push cs
        push word .back
        push dx
        push word 3
        xor ax, ax
        retf                            ; far call to offset 3; ROM returns with RETF
.back:
        pop bx
        pop dx
        add bx, 0x7F
        and bx, 0xFF80
        add dx, bx
        jmp .check
.long:
        jmp .start                      ; 64 KiB and more are taken without the sum
.skip:
        add dx, 0x80
.check:
        cmp dx, 0xE000
        jb .next
        mov ax, SEG_BDA
        mov ds, ax
        ret

; Everything under 1 MiB that is ours becomes read-only.
lock_shadow:
        mov eax, 0x80000058
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFD
        mov al, 0x10
        out dx, al
        inc dx
        mov al, 0x11
        out dx, al
        mov eax, 0x8000005C
        mov dx, 0xCF8
        out dx, eax
        mov dx, 0xCFE
        mov al, 0x11
        out dx, al
        inc dx
        out dx, al
        ret
