; The interrupt vectors, the hardware interrupts that need little, and the small services.

; Vectors 00h-1Fh and 40h-4Ah that differ from the default; 0 ends the table.
vector_table:
        db 0x02
        dw nmi_entry
        db 0x05
        dw print_screen
        db 0x08
        dw irq0_entry
        db 0x09
        dw irq1_entry
        db 0x0E
        dw irq6_entry
        db 0x10
        dw iret_only
        db 0x11
        dw int11_entry
        db 0x12
        dw int12_entry
        db 0x13
        dw int13_entry
        db 0x14
        dw int14_entry
        db 0x15
        dw int15_entry
        db 0x16
        dw int16_entry
        db 0x17
        dw int17_entry
        db 0x18
        dw int18_entry
        db 0x19
        dw int19_entry
        db 0x1A
        dw int1a_entry
        db 0x1E
        dw diskette_parameters
        db 0x40
        dw int13_floppy_entry
        db 0x70
        dw irq8_entry
        db 0x71
        dw irq9_entry
        db 0x74
        dw irq12_entry
        db 0x75
        dw irq13_entry
        db 0x76
        dw irq14_entry
        db 0x77
        dw irq14_entry
        db 0

init_vectors:
        xor ax, ax
        mov es, ax
        xor di, di
        mov cx, 0x78                    ; 00h-77h
.fill:
        mov ax, iret_only
        stosw
        mov ax, SEG_BIOS
        stosw
        loop .fill
        mov di, 0x08 * 4                ; an interrupt that nobody serves must still be acknowledged
        mov cx, 8
.first:
        mov word [es:di], irq_first_unused
        add di, 4
        loop .first
        mov di, 0x70 * 4
        mov cx, 8
.second:
        mov word [es:di], irq_second_unused
        add di, 4
        loop .second
        mov si, vector_table
.set:
        mov bl, [cs:si]
        test bl, bl
        jz .pointers
        mov bh, 0
        shl bx, 2
        mov ax, [cs:si + 1]
        mov [es:bx], ax
        add si, 3
        jmp .set
.pointers:
        xor eax, eax                    ; 1Dh, 1Fh belong to the video ROM; 41h, 46h are set with the disks
        mov [es:0x1D * 4], eax
        mov [es:0x1F * 4], eax
        mov [es:0x41 * 4], eax
        mov [es:0x46 * 4], eax
        mov di, 0x60 * 4                ; 60h-66h are the user's and stay empty
        mov cx, 7 * 2
        xor ax, ax
        rep stosw
        ret

irq_first_unused:
        push ax
        mov al, 0x0B                    ; ISR: a spurious request has no bit in service
        out PIC1, al
        in al, PIC1
        test al, al
        jz .spurious
        mov al, 0x20
        out PIC1, al
.spurious:
        pop ax
        iret

irq_second_unused:
        push ax
        mov al, 0x0B
        out PIC2, al
        in al, PIC2
        test al, al
        jz .spurious
        mov al, 0x20
        out PIC2, al
.spurious:
        mov al, 0x20
        out PIC1, al
        pop ax
        iret

; IRQ 9 is the AT's replacement of IRQ 2: its users hang on INT 0Ah.
irq9_entry:
        push ax
        mov al, 0x20
        out PIC2, al
        pop ax
        int 0x0A
        iret

; Coprocessor error: clear the latch, then as the PC/XT did it.
irq13_entry:
        push ax
        mov al, 0
        out 0xF0, al
        mov al, 0x20
        out PIC2, al
        out PIC1, al
        pop ax
        int 0x02
        iret

; The disk services poll; the interrupt only leaves its mark for programs that watch 40:8E.
irq14_entry:
        push ax
        push ds
        push word SEG_BDA
        pop ds
        mov byte [BDA_HD_INT], 0xFF
        pop ds
        mov al, 0x20
        out PIC2, al
        out PIC1, al
        pop ax
        iret

nmi_entry:
        iret

; ---- IRQ 0: time of day, diskette motor, INT 1Ch ----
irq0_entry:
        push ds
        push eax
        push dx
        push word SEG_BDA
        pop ds
        mov eax, [BDA_TICKS]
        inc eax
        cmp eax, 0x1800B0               ; ticks of a day
        jb .same_day
        xor eax, eax
        inc byte [BDA_MIDNIGHT]
.same_day:
        mov [BDA_TICKS], eax
        cmp byte [BDA_FD_TIMEOUT], 0
        je .hook
        dec byte [BDA_FD_TIMEOUT]
        jnz .hook
        mov al, 0x0C                    ; motors off, DMA and interrupts on, not in reset
        mov dx, 0x3F2
        out dx, al
        and byte [BDA_FD_MOTOR], 0xF0
.hook:
        pop dx
        int 0x1C
        cli
        mov al, 0x20
        out PIC1, al
        pop eax
        pop ds
        iret

; ---- INT 5: print screen. No printer service prints pictures here; the status byte says done. ----
print_screen:
        push ds
        push word SEG_BDA
        pop ds
        mov byte [0x100], 0
        pop ds
        iret

; ---- INT 11h, 12h ----
int11_entry:
        push ds
        push word SEG_BDA
        pop ds
        mov ax, [BDA_EQUIPMENT]
        pop ds
        iret

int12_entry:
        push ds
        push word SEG_BDA
        pop ds
        mov ax, [BDA_MEMORY_KIB]
        pop ds
        iret

; ---- how a service that used ENTER_SERVICE ends ----
service_ok:
        and byte [bp + R_FLAGS], 0xFE
service_end:
        LEAVE_SERVICE
service_fail:
        or byte [bp + R_FLAGS], 0x01
        LEAVE_SERVICE
