; Interrupt controller pair (8259A), interrupt descriptor table, timer (8254), and the screen that tells of an exception.
PIC1            equ 0x20
PIC2            equ 0xA0
EOI             equ 0x20
IRQ_BASE        equ 0x20        ; vectors of IRQ 0-15
TICK_CLOCKS     equ 11932       ; of 1.193182 MHz: 100 Hz
TICKS_PER_SECOND equ 100

; gate vector, handler
%macro GATE 2
        mov eax, %2
        mov edi, IDT+8*(%1)
        call set_gate
%endmacro

; An exception's entry: vector, and a zero where the CPU pushes no error code.
%macro FAULT 1
fault_%1:
        push dword 0
        push dword %1
        jmp fault
%endmacro
%macro FAULT_WITH_CODE 1
fault_%1:
        push dword %1
        jmp fault
%endmacro

interrupts_init:
        mov edi, IDT            ; every vector first: a stray one is ignored
        mov ecx, 256
.next:
        mov eax, stray
        call set_gate
        add edi, 8
        loop .next
        GATE 0, fault_0
        GATE 1, fault_1
        GATE 3, fault_3
        GATE 4, fault_4
        GATE 5, fault_5
        GATE 6, fault_6
        GATE 7, fault_7
        GATE 8, fault_8
        GATE 10, fault_10
        GATE 11, fault_11
        GATE 12, fault_12
        GATE 13, fault_13
        GATE 14, fault_14
        GATE 16, fault_16
        GATE 17, fault_17
        GATE IRQ_BASE+0, irq_timer
        GATE IRQ_BASE+1, irq_keyboard
        GATE IRQ_BASE+4, irq_uart
        GATE IRQ_BASE+7, irq_spurious
        GATE IRQ_BASE+8, irq_rtc
        GATE IRQ_BASE+12, irq_mouse
        GATE IRQ_BASE+15, irq_spurious
        lidt [idt_pointer]
        mov al, 0x11            ; ICW1: cascade, ICW4 follows
        out PIC1, al
        out PIC2, al
        mov al, IRQ_BASE        ; ICW2
        out PIC1+1, al
        mov al, IRQ_BASE+8
        out PIC2+1, al
        mov al, 4               ; ICW3
        out PIC1+1, al
        mov al, 2
        out PIC2+1, al
        mov al, 1               ; ICW4: 8086
        out PIC1+1, al
        out PIC2+1, al
        mov al, 0xE8            ; open: 0 timer, 1 keyboard, 2 cascade, 4 COM1
        out PIC1+1, al
        mov al, 0xEE            ; open: 8 clock, 12 mouse
        out PIC2+1, al
        ret

; EDI gate, EAX handler.
set_gate:
        push eax
        mov [edi], ax
        mov word [edi+2], 8
        mov word [edi+4], 0x8E00 ; 32-bit interrupt gate: interrupts stay off in handlers
        shr eax, 16
        mov [edi+6], ax
        pop eax
        ret

timer_init:
        mov al, 0x34            ; counter 0, both bytes, mode 2 (rate generator)
        out 0x43, al
        mov al, TICK_CLOCKS & 0xFF
        out 0x40, al
        mov al, TICK_CLOCKS >> 8
        out 0x40, al
        ret

irq_timer:
        push eax
        inc dword [ticks]
        mov al, EOI
        out PIC1, al
        pop eax
        iretd

; Spurious interrupts are not acknowledged; IRQ 15's only at the first controller.
irq_spurious:
        push eax
        mov al, 0x0B            ; OCW3: read ISR of the second controller
        out PIC2, al
        in al, PIC2
        test al, 0x80
        jnz .done
        mov al, 0x0B
        out PIC1, al
        in al, PIC1
        test al, 4
        jz .done
        mov al, EOI
        out PIC1, al
.done:
        pop eax
        iretd

stray:
        iretd

; EAX: time in clocks of 1.193182 MHz (wraps after an hour). Interrupts must be off.
; A tick that is due but not served yet shows in IRR; the counter has then just been reloaded.
now_clocks:
        push ebx
        push ecx
        xor eax, eax
        out 0x43, al            ; latch counter 0
        in al, 0x40
        mov bl, al
        in al, 0x40
        mov bh, al
        movzx ebx, bx
        mov al, 0x0A            ; OCW3: read IRR
        out PIC1, al
        in al, PIC1
        mov ecx, [ticks]
        test al, 1
        jz .served
        cmp ebx, TICK_CLOCKS/2
        jb .served
        inc ecx
.served:
        imul eax, ecx, TICK_CLOCKS
        add eax, TICK_CLOCKS
        sub eax, ebx
        pop ecx
        pop ebx
        ret

FAULT 0
FAULT 1
FAULT 3
FAULT 4
FAULT 5
FAULT 6
FAULT 7
FAULT_WITH_CODE 8
FAULT_WITH_CODE 10
FAULT_WITH_CODE 11
FAULT_WITH_CODE 12
FAULT_WITH_CODE 13
FAULT_WITH_CODE 14
FAULT 16
FAULT_WITH_CODE 17

; Stack: vector, error code, EIP. The panel stands still visibly, rather than showing values that nobody computes.
fault:
        cli
        mov esi, [esp]
        mov edi, [esp+8]
        CLIP 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT
        RECT 262, 330, 500, 108, C_P1
        RECT 264, 332, 496, 104, C_WINDOW
        TEXT 284, 350, font_medium, C_TEXT, text_fault
        TEXT 284, 384, font_small, C_TEXT, text_fault_vector
        NUMBER_AT 404, 384, font_small, C_TEXT, esi, 0
        TEXT 284, 404, font_small, C_TEXT, text_fault_at
        NUMBER_AT 404, 404, font_small, C_TEXT, edi, 0
        MARK 262, 330, 500, 108
        call screen_flush
.stop:
        hlt
        jmp .stop

text_fault        db "Panel stopped: program error", 0
text_fault_vector db "Exception", 0
text_fault_at     db "Address", 0

align 4, db 0
ticks           dd 0
idt_pointer:
        dw 256*8-1
        dd IDT
