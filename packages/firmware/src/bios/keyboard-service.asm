; INT 16h. Source: IBM PS/2 BIOS interface technical reference.

int16_entry:
        sti
        ENTER_SERVICE
        mov al, [bp + R_AH]
        cmp al, 0x00
        je .read
        cmp al, 0x01
        je .peek
        cmp al, 0x02
        je .flags
        cmp al, 0x03
        je .typematic
        cmp al, 0x05
        je .store
        cmp al, 0x09
        je .functions
        cmp al, 0x0A
        je .id
        cmp al, 0x10
        je .read_extended
        cmp al, 0x11
        je .peek_extended
        cmp al, 0x12
        je .flags_extended
        LEAVE_SERVICE

.read:
        call wait_key
        call old_key
        jc .read                        ; keys that old keyboards had not are dropped
        mov [bp + R_AX], ax
        LEAVE_SERVICE
.read_extended:
        call wait_key
        call extended_key
        mov [bp + R_AX], ax
        LEAVE_SERVICE
.peek:
        call first_key
        jz .empty
        call old_key
        jnc .have
        call wait_key                   ; drop it and look at the next
        jmp .peek
.peek_extended:
        call first_key
        jz .empty
        call extended_key
.have:
        mov [bp + R_AX], ax
        and byte [bp + R_FLAGS], 0xBF
        LEAVE_SERVICE
.empty:
        or byte [bp + R_FLAGS], 0x40    ; ZF
        LEAVE_SERVICE
.flags:
        mov al, [BDA_KB_FLAGS]
        mov [bp + R_AL], al
        LEAVE_SERVICE
.flags_extended:
        mov al, [BDA_KB_FLAGS]
        mov [bp + R_AL], al
        mov al, [BDA_KB_FLAGS2]
        mov ah, al
        and ax, 0x7304                  ; AL: SysRq
        shl al, 5                       ; to bit 7
        or ah, al
        mov al, [BDA_KB_FLAGS3]
        and al, 0x0C                    ; right Ctrl, right Alt
        or ah, al
        mov [bp + R_AH], ah
        LEAVE_SERVICE
.store:
        mov ax, [bp + R_CX]
        cli
        call store_key
        mov byte [bp + R_AL], 0
        adc byte [bp + R_AL], 0
        LEAVE_SERVICE
.typematic:
        cmp byte [bp + R_AL], 5
        jne .typematic_end
        mov bl, [bp + R_BH]
        and bl, 3
        shl bl, 5
        mov al, [bp + R_BL]
        and al, 0x1F
        or bl, al
        cli
        mov al, 0xF3
        call keyboard_send
        jc .typematic_end
        mov al, bl
        call keyboard_send
.typematic_end:
        LEAVE_SERVICE
.functions:
        mov byte [bp + R_AL], 0x30      ; 10h-12h and 0Ah are here
        LEAVE_SERVICE
.id:
        mov word [bp + R_BX], 0x41AB
        LEAVE_SERVICE

; AX = next key, taken from the buffer; waits for it halted.
wait_key:
        cli
        call first_key
        jnz .take
        mov ax, 0x9002                  ; a multitasking program may run something else
        sti
        int 0x15
        cli
        call first_key
        jnz .take
        sti
        hlt
        jmp wait_key
.take:
        push bx
        mov bx, [BDA_KB_HEAD]
        add bx, 2
        cmp bx, [BDA_KB_END]
        jb .inside
        mov bx, [BDA_KB_START]
.inside:
        mov [BDA_KB_HEAD], bx
        pop bx
        sti
        ret

; AX = first key without taking it; ZF = 1 when the buffer is empty.
first_key:
        push bx
        mov bx, [BDA_KB_HEAD]
        mov ax, [bx]
        cmp bx, [BDA_KB_TAIL]
        pop bx
        ret

; The 84-key view of AX; CF = 1 when that keyboard had no such key.
old_key:
        cmp al, 0xF0
        je .dropped
        cmp ah, 0xE0                    ; keypad Enter and slash become the main ones
        jne .not_keypad
        mov ah, 0x1C
        cmp al, 0x2F
        jne .keep
        mov ah, 0x35
.keep:
        clc
        ret
.not_keypad:
        cmp al, 0xE0
        jne .code
        test ah, ah
        jz .keep
        mov al, 0
.code:
        cmp ah, 0x84
        ja .dropped
        clc
        ret
.dropped:
        stc
        ret

extended_key:
        cmp al, 0xF0
        jne .end
        test ah, ah
        jz .end
        mov al, 0
.end:
        ret
