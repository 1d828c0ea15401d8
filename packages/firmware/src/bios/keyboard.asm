; IRQ 1: scan codes of set 1 to key codes in the BIOS keyboard buffer.
; Source: IBM PS/2 BIOS interface technical reference, INT 09h and the key code tables.

irq1_entry:
        pushad
        push ds
        push es
        cld
        push word SEG_BDA
        pop ds
        in al, KBC_STATUS
        test al, 0x21                   ; a pointing-device byte is not ours
        jz .acknowledge
        test al, 0x20
        jnz .acknowledge
        in al, KBC_DATA
        mov ah, 0x4F                    ; keyboard intercept: CF = 0 means swallowed
        stc
        int 0x15
        jnc .acknowledge
        call take_scan_code
        test byte [BDA_KB_FLAGS2], 0x08
        jz .acknowledge
        mov al, 0x20                    ; Pause holds whoever was interrupted
        out PIC1, al
        sti
.paused:
        hlt
        test byte [BDA_KB_FLAGS2], 0x08
        jnz .paused
        cli
        jmp .end
.acknowledge:
        mov al, 0x20
        out PIC1, al
.end:
        pop es
        pop ds
        popad
        iret

; Modifier keys: scan code, E0 wanted (0 no, 2 yes), bit in 17h, bit in 18h, bit in 96h.
modifiers:
        db 0x2A, 0, 0x02, 0, 0
        db 0x36, 0, 0x01, 0, 0
        db 0x1D, 0, 0x04, 0x01, 0
        db 0x1D, 2, 0x04, 0, 0x04
        db 0x38, 0, 0x08, 0x02, 0
        db 0x38, 2, 0x08, 0, 0x08
        db 0
; Lock keys: scan code, bit in 17h that toggles, bit in 18h that says down.
locks:
        db 0x3A, 0x40, 0x40
        db 0x45, 0x20, 0x20
        db 0x46, 0x10, 0x10
        db 0x52, 0x80, 0x80
        db 0

; AL = scan code byte, DS = BDA. Destroys the general registers.
take_scan_code:
        mov bl, al
        mov bh, [BDA_KB_FLAGS3]
        cmp al, 0xE0
        jne .not_e0
        or byte [BDA_KB_FLAGS3], 2
        ret
.not_e0:
        cmp al, 0xE1
        jne .not_e1
        or byte [BDA_KB_FLAGS3], 1
        ret
.not_e1:
        test bh, 1
        jz .key
        mov al, bl                      ; Pause: E1 1D 45 E1 9D C5
        and al, 0x7F
        cmp al, 0x1D
        je .in_pause
        and byte [BDA_KB_FLAGS3], 0xFE
        cmp bl, 0x45
        jne .in_pause
        or byte [BDA_KB_FLAGS2], 0x08
.in_pause:
        ret
.key:
        and byte [BDA_KB_FLAGS3], 0xFD  ; E0 counts for one byte
        and bh, 2
        mov dl, bl
        and dl, 0x7F                    ; DL key, BL code with release bit, BH 2 after E0
        test bh, bh
        jz .modifier
        cmp dl, 0x2A                    ; E0 2A, E0 36: shifts that the keyboard makes up
        je .ignore
        cmp dl, 0x36
        je .ignore
.modifier:
        mov si, modifiers
.find:
        mov al, [cs:si]
        test al, al
        jz .lock
        cmp al, dl
        jne .other
        cmp bh, [cs:si + 1]
        je .is_modifier
.other:
        add si, 5
        jmp .find
.is_modifier:
        mov cl, [cs:si + 2]
        mov ch, [cs:si + 3]
        mov ah, [cs:si + 4]
        test bl, 0x80
        jnz .modifier_up
        or [BDA_KB_FLAGS], cl
        or [BDA_KB_FLAGS2], ch
        or [BDA_KB_FLAGS3], ah
        ret
.modifier_up:
        not ch
        not ah
        and [BDA_KB_FLAGS2], ch
        and [BDA_KB_FLAGS3], ah
        ; left and right share a bit of 17h: it stays while the other one is down
        cmp cl, 0x04
        jne .not_ctrl
        test byte [BDA_KB_FLAGS2], 0x01
        jnz .ignore
        test byte [BDA_KB_FLAGS3], 0x04
        jnz .ignore
.not_ctrl:
        cmp cl, 0x08
        jne .clear
        test byte [BDA_KB_FLAGS2], 0x02
        jnz .ignore
        test byte [BDA_KB_FLAGS3], 0x08
        jnz .ignore
        mov al, 0                       ; Alt released: the number typed on the keypad is a character
        xchg al, [BDA_KB_KEYPAD]
        test al, al
        jz .clear
        push cx
        mov ah, 0
        call store_key
        pop cx
.clear:
        not cl
        and [BDA_KB_FLAGS], cl
.ignore:
        ret

.lock:
        test bh, bh
        jz .lock_key
        cmp dl, 0x52                    ; the grey Insert toggles too
        jne .ordinary
.lock_key:
        mov si, locks
.find_lock:
        mov al, [cs:si]
        test al, al
        jz .ordinary
        cmp al, dl
        je .is_lock
        add si, 3
        jmp .find_lock
.is_lock:
        mov cl, [cs:si + 1]
        mov ch, [cs:si + 2]
        cmp dl, 0x52
        jne .toggles
        test bh, bh
        jnz .toggles
        test byte [BDA_KB_FLAGS], 0x20  ; keypad 0 with NumLock on is a digit
        jnz .ordinary
.toggles:
        cmp dl, 0x46
        jne .no_break
        test byte [BDA_KB_FLAGS], 0x04  ; Ctrl+ScrollLock is Break on old keyboards
        jnz .ordinary
.no_break:
        test bl, 0x80
        jnz .lock_up
        test [BDA_KB_FLAGS2], ch        ; typematic repeat does not toggle
        jnz .lock_end
        or [BDA_KB_FLAGS2], ch
        xor [BDA_KB_FLAGS], cl
        call show_leds
.lock_end:
        cmp dl, 0x52                    ; Insert is a key code as well
        je .ordinary
        ret
.lock_up:
        not ch
        and [BDA_KB_FLAGS2], ch
        ret

.ordinary:
        test bl, 0x80
        jnz .sysreq_up
        test byte [BDA_KB_FLAGS2], 0x08 ; any key ends Pause and is swallowed
        jz .not_paused
        and byte [BDA_KB_FLAGS2], 0xF7
        ret
.sysreq_up:
        cmp dl, 0x54
        jne .ignore
        and byte [BDA_KB_FLAGS2], 0xFB
        mov ax, 0x8501
        int 0x15
        ret
.not_paused:
        mov cl, [BDA_KB_FLAGS]
        cmp dl, 0x53
        jne .no_reset
        mov al, cl
        and al, 0x0C
        cmp al, 0x0C                    ; Ctrl+Alt+Del
        jne .no_reset
        mov word [BDA_RESET_FLAG], 0x1234
        jmp reboot
.no_reset:
        cmp dl, 0x54
        jne .no_sysreq
        test byte [BDA_KB_FLAGS2], 0x04
        jnz .ignore
        or byte [BDA_KB_FLAGS2], 0x04
        mov ax, 0x8500
        int 0x15
        ret
.no_sysreq:
        cmp dl, 0x46                    ; E0 46, or Ctrl+ScrollLock: Break
        jne .no_ctrl_break
        test cl, 0x04
        jz .ignore
        mov ax, [BDA_KB_START]
        mov [BDA_KB_HEAD], ax
        mov [BDA_KB_TAIL], ax
        mov byte [BDA_BREAK], 0x80
        int 0x1B
        xor ax, ax
        jmp store_key
.no_ctrl_break:
        test bh, bh
        jz .plain
        cmp dl, 0x37                    ; print screen
        jne .grey
        test cl, 0x0C
        jnz .grey
        int 0x05
        ret
.grey:
        jmp translate_grey
.plain:
        jmp translate_plain

; DL = key, CL = flags of 17h. Keys without E0.
translate_plain:
        cmp dl, 0x58
        ja .none
        mov dh, 0
        mov si, dx
        shl si, 3
        test cl, 0x08
        jnz .alt
        test cl, 0x04
        jnz .ctrl
        mov ax, [cs:key_table + si]
        mov ch, cl
        and ch, 3                       ; CH: shifted or not
        cmp dl, 0x47
        jb .letters
        cmp dl, 0x53
        ja .pick
        test cl, 0x20                   ; keypad: NumLock turns shift round
        jz .pick
        cmp ch, 1
        cmc                             ; CF = 1 when shifted
        mov ch, 0
        jc .pick
        inc ch
        jmp .pick
.letters:
        test cl, 0x40
        jz .pick
        cmp al, 'a'
        jb .pick
        cmp al, 'z'
        ja .pick
        cmp ch, 1
        cmc
        mov ch, 0
        jc .pick
        inc ch
.pick:
        test ch, ch
        jz .store
        mov ax, [cs:key_table + si + 2]
        jmp .store
.ctrl:
        mov ax, [cs:key_table + si + 4]
        jmp .store
.alt:
        mov ax, [cs:key_table + si + 6]
        cmp ax, 0xFF00                  ; a keypad digit: collect the number
        jb .store
        push ax
        mov al, [BDA_KB_KEYPAD]
        mov ah, 10
        mul ah
        pop dx
        add al, dl
        mov [BDA_KB_KEYPAD], al
        ret
.store:
        test ax, ax
        jnz store_key
.none:
        ret

; DL = key after E0, CL = flags of 17h.
translate_grey:
        mov si, grey_table
.find:
        mov al, [cs:si]
        test al, al
        jz .none
        cmp al, dl
        je .found
        add si, 7
        jmp .find
.found:
        test cl, 0x08
        jnz .alt
        test cl, 0x04
        jnz .ctrl
        mov ax, [cs:si + 1]
        jmp .store
.ctrl:
        mov ax, [cs:si + 3]
        jmp .store
.alt:
        mov ax, [cs:si + 5]
.store:
        test ax, ax
        jnz store_key
.none:
        ret

; Key code AX into the buffer; a full one beeps. Out: CF = 1 full. Keeps AX.
store_key:
        push bx
        push dx
        mov bx, [BDA_KB_TAIL]
        mov dx, bx
        add dx, 2
        cmp dx, [BDA_KB_END]
        jb .inside
        mov dx, [BDA_KB_START]
.inside:
        cmp dx, [BDA_KB_HEAD]
        je .full
        mov [bx], ax
        mov [BDA_KB_TAIL], dx
        pop dx
        pop bx
        clc
        ret
.full:
        pop dx
        pop bx
        stc
        ret

; Lamps after the lock bits. Interrupts stay off: the acknowledges are read here.
show_leds:
        pushad
        mov bl, [BDA_KB_FLAGS]
        shr bl, 4
        and bl, 7
        mov al, [BDA_KB_LEDS]
        and al, 0xF8
        or al, bl
        mov [BDA_KB_LEDS], al
        mov al, 0xED
        call keyboard_send
        jc .end
        mov al, bl
        call keyboard_send
.end:
        popad
        ret
