; INT 15h: system services. Source: IBM PS/2 BIOS interface technical reference; ACPI 1.0 for E820h.

int15_entry:
        cmp ah, 0x4F                    ; keyboard intercept: called by IRQ 1, CF = 1 keeps the key
        je .keep
        cmp ah, 0x90
        jae .hooks
.service:
        ENTER_SERVICE
        mov al, [bp + R_AH]
        mov si, int15_functions
.find:
        cmp byte [cs:si], 0
        je .unsupported
        cmp al, [cs:si]
        je .found
        add si, 3
        jmp .find
.found:
        jmp [cs:si + 1]
.unsupported:
        mov byte [bp + R_AH], 0x86
        jmp service_fail
.hooks:
        cmp ah, 0x91
        ja .service
        mov ah, 0                       ; device busy, device post: nothing to do
        push bp
        mov bp, sp
        and byte [bp + 6], 0xFE
        pop bp
        iret
.keep:
        push bp
        mov bp, sp
        or byte [bp + 6], 0x01
        pop bp
        iret

int15_functions:
        db 0x24
        dw int15_a20
        db 0x53
        dw int15_apm
        db 0x83
        dw int15_event_wait
        db 0x85
        dw service_ok_ah0
        db 0x80
        dw service_ok_ah0
        db 0x81
        dw service_ok_ah0
        db 0x82
        dw service_ok_ah0
        db 0x86
        dw int15_wait
        db 0x87
        dw int15_block_move
        db 0x88
        dw int15_88
        db 0x89
        dw int15_protected
        db 0xC0
        dw int15_configuration
        db 0xC1
        dw int15_ebda
        db 0xC2
        dw int15_mouse
        db 0xE8
        dw int15_e8
        db 0

service_ok_ah0:
        mov byte [bp + R_AH], 0
        jmp service_ok

int15_e8:
        cmp byte [bp + R_AL], 0x20
        je int15_e820
        cmp byte [bp + R_AL], 0x01
        je int15_e801
        mov byte [bp + R_AH], 0x86
        jmp service_fail

int15_a20:
        mov bl, [bp + R_AL]
        cmp bl, 3
        ja .unsupported
        je .support
        in al, 0x92
        cmp bl, 2
        je .status
        and al, 0xFC
        shl bl, 1
        or al, bl
        out 0x92, al
        jmp service_ok_ah0
.status:
        shr al, 1
        and al, 1
        mov [bp + R_AL], al
        jmp service_ok_ah0
.support:
        mov word [bp + R_BX], 0x0002    ; port 92h
        jmp service_ok_ah0
.unsupported:
        mov byte [bp + R_AH], 0x86
        jmp service_fail

int15_configuration:
        mov word [bp + R_ES], SEG_BIOS
        mov word [bp + R_BX], configuration_table
        jmp service_ok_ah0

int15_ebda:
        mov ax, [BDA_EBDA]
        mov [bp + R_ES], ax
        jmp service_ok

; ---- 83h, 86h: waits on the real-time clock's periodic interrupt (976.5625 us) ----
int15_event_wait:
        cmp byte [bp + R_AL], 1
        je .cancel
        test byte [BDA_WAIT_FLAG], 1
        jnz .busy
        mov ax, [bp + R_BX]
        mov [BDA_WAIT_PTR], ax
        mov ax, [bp + R_ES]
        mov [BDA_WAIT_PTR + 2], ax
        call start_rtc_wait
        jmp service_ok_ah0
.cancel:
        call stop_rtc_wait
        jmp service_ok_ah0
.busy:
        mov byte [bp + R_AH], 0
        jmp service_fail

; CX:DX microseconds. Sleeps halted on IRQ 8; uses its own flag in 40:A0.
int15_wait:
        test byte [BDA_WAIT_FLAG], 1
        jnz .busy
        mov word [BDA_WAIT_PTR], BDA_WAIT_FLAG
        mov word [BDA_WAIT_PTR + 2], SEG_BDA
        call start_rtc_wait
        sti
.sleep:
        hlt
        test byte [BDA_WAIT_FLAG], 0x80
        jz .sleep
        mov byte [BDA_WAIT_FLAG], 0
        jmp service_ok_ah0
.busy:
        mov byte [bp + R_AH], 0x83
        jmp service_fail

start_rtc_wait:
        cli
        mov ax, [bp + R_DX]
        mov [BDA_WAIT_COUNT], ax
        mov ax, [bp + R_CX]
        mov [BDA_WAIT_COUNT + 2], ax
        mov byte [BDA_WAIT_FLAG], 1
        in al, PIC2 + 1
        and al, 0xFE
        out PIC2 + 1, al
        mov al, 0x0B
        call read_cmos
        or al, 0x40
        mov ah, al
        mov al, 0x0B
        jmp write_cmos

stop_rtc_wait:
        mov al, 0x0B
        call read_cmos
        and al, 0xBF
        mov ah, al
        mov al, 0x0B
        call write_cmos
        and byte [BDA_WAIT_FLAG], 0x80
        ret

; IRQ 8: periodic interrupt for the waits, alarm for INT 4Ah.
irq8_entry:
        push ds
        pushad
        push word SEG_BDA
        pop ds
        mov al, 0x0C
        call read_cmos
        mov bl, al
        mov al, 0x0B
        call read_cmos
        and bl, al                      ; causes that are open
        test bl, 0x40
        jz .alarm
        test byte [BDA_WAIT_FLAG], 1
        jz .alarm
        sub dword [BDA_WAIT_COUNT], 976
        ja .alarm
        push ds
        push bx
        lds bx, [BDA_WAIT_PTR]
        or byte [bx], 0x80
        pop bx
        pop ds
        and byte [BDA_WAIT_FLAG], 0xFE
        call stop_rtc_wait
.alarm:
        test bl, 0x20
        jz .end
        int 0x4A
.end:
        cli
        mov al, 0x20
        out PIC2, al
        out PIC1, al
        popad
        pop ds
        iret

; ---- 87h: block move through protected mode. ES:SI = the caller's descriptor table, CX words ----
; Bases and limits come from the caller's descriptors at 10h (source) and 18h (target).
int15_block_move:
        cli
        in al, 0x92
        mov ah, al
        push ax
        or al, 2
        and al, 0xFE
        out 0x92, al
        mov es, [bp + R_ES]
        mov si, [bp + R_SI]
        movzx eax, word [bp + R_ES]     ; 08h describes the table itself
        shl eax, 4
        movzx ebx, si
        add eax, ebx
        mov word [es:si + 0x08], 0x2F
        mov [es:si + 0x0A], ax
        mov ebx, eax
        shr ebx, 16
        mov [es:si + 0x0C], bl
        mov byte [es:si + 0x0D], 0x93
        mov [es:si + 0x0E], bh
        mov byte [es:si + 0x0F], 0
        mov dword [es:si + 0x20], 0x0000FFFF    ; 20h: our code
        mov dword [es:si + 0x24], 0x00009B0F
        xor ebx, ebx                    ; 28h: the caller's stack
        mov bx, ss
        shl ebx, 4
        mov word [es:si + 0x28], 0xFFFF
        mov [es:si + 0x2A], bx
        shr ebx, 16
        mov [es:si + 0x2C], bl
        mov byte [es:si + 0x2D], 0x93
        mov word [es:si + 0x2E], 0
        mov cx, [bp + R_CX]
        push ds
        push ss
        push eax                        ; pointer for LGDT on the stack
        push word 0x2F
        mov bx, sp
        o32 lgdt [ss:bx]
        add sp, 6
        pop dx                          ; real-mode SS in DX, for the way back
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 0x20:.protected
.protected:
        mov ax, 0x10
        mov ds, ax
        mov ax, 0x18
        mov es, ax
        mov ax, 0x28
        mov ss, ax
        xor si, si
        xor di, di
        cld
        rep movsw
        mov ax, 0x28                    ; 64 KiB limits again before real mode
        mov ds, ax
        mov es, ax
        mov eax, cr0
        and al, 0xFE
        mov cr0, eax
        jmp SEG_BIOS:.real
.real:
        mov ss, dx
        pop ds
        o32 lidt [cs:real_vectors]
        pop ax
        mov al, ah
        out 0x92, al
        mov byte [bp + R_AH], 0
        and byte [bp + R_FLAGS], 0xBE
        or byte [bp + R_FLAGS], 0x40
        LEAVE_SERVICE
real_vectors:
        dw 0x3FF
        dd 0

; ---- 89h: stay in protected mode with the caller's tables ----
int15_protected:
        mov byte [bp + R_AH], 0x86
        jmp service_fail

; ---- C0h ----
configuration_table:
        dw 8
        db 0xFC, 0x00, 0x01             ; PC/AT model
        db 0x74                         ; second PIC, RTC, keyboard intercept, EBDA
        db 0x40                         ; INT 16h AH=09h
        db 0, 0, 0
