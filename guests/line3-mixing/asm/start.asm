; Real mode, entered by the boot sector at 1000:0000 (DL: drive): finds the video mode through VBE, goes to protected mode.
; This is the last time that the BIOS is called.
bits 16
start16:
        cli
        mov ax, LOAD>>4
        mov ds, ax
        xor ax, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        cld
        mov ah, 0x88            ; KiB above 1 MiB
        int 0x15
        jc .memory_unknown
        cmp ax, (MEMORY_NEEDED-0x100000)/1024
        mov si, text_memory-LOAD
        jb fail16
.memory_unknown:

; The mode list of VBE_INFO; of each mode its record, until one is 1024x768x32 with a linear framebuffer.
        mov di, VBE_INFO
        mov dword [es:di], 'VBE2'
        mov ax, 0x4F00
        int 0x10
        mov si, text_video-LOAD
        cmp ax, 0x004F
        jne fail16
        mov bx, [es:VBE_INFO+14]
        mov fs, [es:VBE_INFO+16]
.next_mode:
        mov cx, [fs:bx]
        add bx, 2
        cmp cx, 0xFFFF
        je fail16
        mov di, VBE_MODE
        mov ax, 0x4F01
        push bx
        push cx
        push si
        push fs
        int 0x10
        pop fs
        pop si
        pop cx
        pop bx
        cmp ax, 0x004F
        jne .next_mode
        mov ax, [es:VBE_MODE]
        and ax, 0x0091          ; supported, graphics, linear framebuffer
        cmp ax, 0x0091
        jne .next_mode
        cmp word [es:VBE_MODE+18], SCREEN_WIDTH
        jne .next_mode
        cmp word [es:VBE_MODE+20], SCREEN_HEIGHT
        jne .next_mode
        cmp byte [es:VBE_MODE+25], 32
        jne .next_mode
        mov bx, cx
        or bx, 0x4000           ; linear
        mov ax, 0x4F02
        int 0x10
        mov si, text_video-LOAD
        cmp ax, 0x004F
        jne fail16
        movzx eax, word [es:VBE_MODE+16]
        mov [screen_pitch-LOAD], eax
        mov eax, [es:VBE_MODE+40]
        mov [screen_address-LOAD], eax

        cli
        in al, 0x92             ; address line 20
        or al, 2
        and al, 0xFE
        out 0x92, al
        o32 lgdt [gdt_pointer-LOAD]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword 8:start32

fail16:
        lodsb
        test al, al
        jz .stop
        mov ah, 0x0E
        mov bx, 7
        int 0x10
        jmp fail16
.stop:
        hlt
        jmp .stop

text_memory db "Line 3 mixing needs 8 MB of memory.", 13, 10, 0
text_video  db "Line 3 mixing needs VBE 2.0 with 1024x768 in 32 bits.", 13, 10, 0

align 8, db 0
gdt:    dq 0
        dq 0x00CF9A000000FFFF   ; 08h code, flat
        dq 0x00CF92000000FFFF   ; 10h data, flat
gdt_pointer:
        dw 23
        dd gdt

bits 32
start32:
        mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, STACK_TOP
        cld
        call interrupts_init
        call timer_init
        call input_init
        call uart_init
        call rtc_read
        call power_init
        call panel_init
        sti

; Everything happens here; interrupts only collect. HLT directly after STI: nothing can come between the look at the flags and the sleep.
main:
        call input_handle
        call modbus_poll
        call process_poll
        call panel_poll
        call power_poll
        call screen_flush
        cli
        call work_waits
        jnz .busy
        sti
        hlt
        jmp main
.busy:
        sti
        jmp main

; NZ: something is to be done now. Interrupts are off.
work_waits:
        mov eax, [event_head]
        cmp eax, [event_tail]
        jne .yes
        cmp dword [modbus_frame_ready], 0
        jne .yes
        mov eax, [ticks]
        cmp eax, [process_next]
        jns .yes
        cmp eax, [panel_next]
        jns .yes
        xor eax, eax
        ret
.yes:
        or eax, 1
        ret

screen_address dd 0
screen_pitch   dd 0
