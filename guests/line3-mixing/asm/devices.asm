; Keyboard and mouse (8042), VMware's absolute pointer, real-time clock. Handlers put events into a ring; input.asm takes them out.
KBC_DATA        equ 0x60
KBC_STATUS      equ 0x64        ; bit 0 output full, bit 1 input full, bit 5 output is the mouse's

VMWARE_MAGIC    equ 0x564D5868
VMWARE_PORT     equ 0x5658
VMWARE_VERSION  equ 10
POINTER_DATA    equ 39
POINTER_STATUS  equ 40
POINTER_COMMAND equ 41
POINTER_READ_ID equ 0x45414552
POINTER_ABSOLUTE equ 0x53424152
POINTER_DISABLE equ 0x000000F5

EVENT_KEY       equ 1           ; scan code set 1, E0 codes +100h
EVENT_ABSOLUTE  equ 2           ; x, y (0-FFFF), buttons (bit 0 left)
EVENT_RELATIVE  equ 3           ; dx, dy (down), buttons

; command to the controller
kbc_command:                    ; AL
        push eax
        call kbc_ready
        pop eax
        out KBC_STATUS, al
        ret
kbc_write:                      ; AL
        push eax
        call kbc_ready
        pop eax
        out KBC_DATA, al
        ret
kbc_ready:                      ; waits until the input buffer is empty, within bounds
        mov ecx, 100000
.wait:
        in al, KBC_STATUS
        test al, 2
        jz .done
        loop .wait
.done:
        ret
kbc_read:                       ; AL, within bounds; CF when nothing came
        mov ecx, 100000
.wait:
        in al, KBC_STATUS
        test al, 1
        jnz .there
        loop .wait
        stc
        ret
.there:
        in al, KBC_DATA
        clc
        ret
kbc_drain:
        in al, KBC_STATUS
        test al, 1
        jz .done
        in al, KBC_DATA
        jmp kbc_drain
.done:
        ret
; Byte AL to the mouse, its acknowledgement read.
mouse_write:
        push eax
        mov al, 0xD4
        call kbc_command
        pop eax
        call kbc_write
        jmp kbc_read

input_init:
        mov al, 0xAD
        call kbc_command
        mov al, 0xA7
        call kbc_command
        call kbc_drain
        mov al, 0x20
        call kbc_command
        call kbc_read
        or al, 0x43             ; both interrupts, translation to set 1
        and al, 0xCF            ; both clocks on
        mov bl, al
        mov al, 0x60
        call kbc_command
        mov al, bl
        call kbc_write
        mov al, 0xA8
        call kbc_command
        mov al, 0xAE
        call kbc_command
        mov al, 0xF6            ; the mouse's defaults: 100 a second, 4 counts/mm
        call mouse_write
        mov al, 0xF4            ; let it report
        call mouse_write
        mov al, 0xF4
        call kbc_write
        call kbc_read
        call kbc_drain
        mov dword [pointer_x], SCREEN_WIDTH/2
        mov dword [pointer_y], SCREEN_HEIGHT/2
        mov ecx, VMWARE_VERSION
        xor ebx, ebx
        call vmware
        cmp ebx, VMWARE_MAGIC
        jne .no_vmware
        mov dword [vmware_present], 1
        call pointer_absolute
.no_vmware:
        ret

; ECX command, EBX argument; answers in EAX to EDX. ESI, EDI, EBP survive.
vmware:
        mov eax, VMWARE_MAGIC
        mov edx, VMWARE_PORT
        in eax, dx
        ret

; Absolute positions, when the machine has them. Interrupts must be off.
pointer_absolute:
        cmp dword [vmware_present], 0
        je .no
        mov ecx, POINTER_COMMAND
        mov ebx, POINTER_READ_ID
        call vmware
        mov ecx, POINTER_STATUS
        xor ebx, ebx
        call vmware
        and eax, 0xFFFF
        jz .no
        mov ecx, POINTER_DATA
        mov ebx, 1              ; the version's word
        call vmware
        mov ecx, POINTER_COMMAND
        mov ebx, POINTER_ABSOLUTE
        call vmware
        mov dword [pointer_is_absolute], 1
.no:
        ret

; The PS/2 mouse's differences. Interrupts must be off.
pointer_relative:
        mov ecx, POINTER_COMMAND
        mov ebx, POINTER_DISABLE
        call vmware
        mov dword [pointer_is_absolute], 0
        mov dword [packet_bytes], 0
        ret

; EAX kind, EBX, ECX, EDX: into the ring; when full the event is lost. Interrupts are off. Changes ESI, EDI.
put_event:
        mov esi, [event_head]
        lea edi, [esi+1]
        and edi, EVENT_COUNT-1
        cmp edi, [event_tail]
        je .full
        shl esi, 4
        mov [EVENTS+esi], eax
        mov [EVENTS+esi+4], ebx
        mov [EVENTS+esi+8], ecx
        mov [EVENTS+esi+12], edx
        mov [event_head], edi
.full:
        ret

irq_keyboard:
        pushad
        in al, KBC_STATUS
        and al, 0x21
        cmp al, 1
        jne .done
        xor eax, eax
        in al, KBC_DATA
        cmp al, 0xE0
        je .extended
        mov ebx, eax
        add ebx, [key_extended]
        mov dword [key_extended], 0
        xor ecx, ecx
        mov eax, EVENT_KEY
        call put_event
        jmp .done
.extended:
        mov dword [key_extended], 0x100
.done:
        mov al, EOI
        out PIC1, al
        popad
        iretd

irq_mouse:
        pushad
        in al, KBC_STATUS
        and al, 0x21
        cmp al, 0x21
        jne .done
        xor eax, eax
        in al, KBC_DATA
        cmp dword [pointer_is_absolute], 0
        je .relative
        call take_absolute
        jmp .done
.relative:
        call take_packet_byte
.done:
        mov al, EOI
        out PIC2, al
        out PIC1, al
        popad
        iretd

; AL: a byte of a three-byte packet (buttons and signs, x, y up). A pause or an impossible first byte starts anew.
take_packet_byte:
        mov ebx, [ticks]
        mov ecx, ebx
        sub ecx, [packet_tick]
        mov [packet_tick], ebx
        cmp ecx, 20
        jbe .together
        mov dword [packet_bytes], 0
.together:
        mov ebx, [packet_bytes]
        test ebx, ebx
        jnz .store
        test al, 8              ; always set in a first byte
        jz .ignored
.store:
        mov [packet+ebx], al
        inc ebx
        mov [packet_bytes], ebx
        cmp ebx, 3
        jb .ignored
        mov dword [packet_bytes], 0
        movzx eax, byte [packet]
        movzx ebx, byte [packet+1]
        movzx ecx, byte [packet+2]
        test al, 0xC0           ; overflow: the differences mean nothing
        jz .fits
        xor ebx, ebx
        xor ecx, ecx
.fits:
        test al, 0x10
        jz .x_positive
        sub ebx, 256
.x_positive:
        test al, 0x20
        jz .y_positive
        sub ecx, 256
.y_positive:
        neg ecx
        mov edx, eax
        and edx, 7
        mov eax, EVENT_RELATIVE
        call put_event
.ignored:
        ret

; Everything the absolute pointer has. Interrupts are off.
take_absolute:
        mov ecx, POINTER_STATUS
        xor ebx, ebx
        call vmware
        mov ecx, eax
        shr ecx, 16
        cmp ecx, 0xFFFF         ; the device lost its mind: begin again
        je pointer_absolute
        and eax, 0xFFFF
        cmp eax, 4
        jb .done
        mov ecx, POINTER_DATA
        mov ebx, 4
        call vmware
        mov edx, eax
        shr edx, 5              ; left is 20h
        and edx, 1
        and ebx, 0xFFFF
        and ecx, 0xFFFF
        mov eax, EVENT_ABSOLUTE
        call put_event
        jmp take_absolute
.done:
        ret

; Register AL of the clock chip -> AL.
cmos:
        out 0x70, al
        in al, 0x71
        ret

; The clock's registers into clock_time (0, hours, minutes, seconds) and clock_date (year 00-99, month, day), binary.
rtc_read:
        mov ecx, 100000
.updating:
        mov al, 0x0A
        call cmos
        test al, 0x80
        jz .steady
        loop .updating
.steady:
        mov al, 4
        call cmos
        call from_bcd
        mov ebx, eax
        shl ebx, 8
        mov al, 2
        call cmos
        call from_bcd
        or ebx, eax
        shl ebx, 8
        mov al, 0
        call cmos
        call from_bcd
        or ebx, eax
        mov [clock_time], ebx
        mov al, 9
        call cmos
        call from_bcd
        mov ebx, eax
        shl ebx, 8
        mov al, 8
        call cmos
        call from_bcd
        or ebx, eax
        shl ebx, 8
        mov al, 7
        call cmos
        call from_bcd
        or ebx, eax
        mov [clock_date], ebx
        ret

; AL -> EAX as the chip's mode says (BCD or binary). The clock runs in 24-hour mode, as every BIOS leaves it.
from_bcd:
        movzx eax, al
        push ebx
        push eax
        mov al, 0x0B
        call cmos
        mov bl, al
        pop eax
        test bl, 4              ; binary
        jnz .binary
        mov ebx, eax
        and ebx, 0x0F
        shr eax, 4
        imul eax, eax, 10
        add eax, ebx
.binary:
        pop ebx
        ret

align 4, db 0
event_head      dd 0
event_tail      dd 0
key_extended    dd 0
packet_bytes    dd 0
packet_tick     dd 0
packet          dd 0
vmware_present  dd 0
pointer_is_absolute dd 0
pointer_x       dd 0
pointer_y       dd 0
pointer_known   dd 0            ; it has moved: the cursor is drawn
clock_time      dd 0
clock_date      dd 0
