; PS/2 pointing device: IRQ 12 and INT 15h C2h. Source: IBM PS/2 BIOS interface technical reference.

irq12_entry:
        pushad
        push ds
        push es
        cld
        in al, KBC_STATUS
        and al, 0x21
        cmp al, 0x21
        jne .end
        in al, KBC_DATA
        push word SEG_EBDA
        pop ds
        test byte [EB_MOUSE_FLAG2], 0x80
        jz .end                         ; no handler: the byte is dropped
        movzx bx, byte [EB_MOUSE_FLAG1]
        and bx, 7
        test bx, bx
        jnz .store
        test al, 0x08                   ; the first byte of a packet has bit 3 set
        jz .end
.store:
        mov [EB_MOUSE_DATA + bx], al
        inc bx
        mov [EB_MOUSE_FLAG1], bl
        mov cl, [EB_MOUSE_FLAG2]
        and cl, 7
        inc cl
        cmp bl, cl
        jb .end
        mov byte [EB_MOUSE_FLAG1], 0
        movzx ax, byte [EB_MOUSE_DATA]  ; status, X, Y, Z as words, the last pushed zero
        push ax
        movzx ax, byte [EB_MOUSE_DATA + 1]
        push ax
        movzx ax, byte [EB_MOUSE_DATA + 2]
        push ax
        mov ax, 0
        cmp cl, 4
        jb .z
        movzx ax, byte [EB_MOUSE_DATA + 3]
.z:
        push ax
        sti
        call far [EB_MOUSE_PTR]
        cli
        add sp, 8
.end:
        mov al, 0x20
        out PIC2, al
        out PIC1, al
        pop es
        pop ds
        popad
        iret

int15_mouse:
        mov ax, SEG_EBDA
        mov es, ax
        mov ah, 0x03                    ; interface error
        cmp byte [es:EB_MOUSE_PRESENT], 0
        je .fail
        movzx bx, byte [bp + R_AL]
        mov ah, 0x01                    ; no such function
        cmp bl, 9
        ja .fail
        shl bx, 1
        jmp [cs:bx + .functions]
.functions:
        dw .enable, .reset, .rate, .resolution, .type, .initialize, .extended, .handler
        dw .unknown, .unknown
.unknown:
        mov ah, 0x01
.fail:
        mov [bp + R_AH], ah
        jmp service_fail
.ok:
        call .end
        mov byte [bp + R_AH], 0
        jmp service_ok
.error:
        call .end
        mov byte [bp + R_AH], 0x03
        jmp service_fail

; The keyboard is held back and IRQ 12 with it (CLI) while bytes go to and fro.
.begin:
        cli
        mov al, 0xAD
        jmp kbc_command
.end:
        mov al, 0xAE
        jmp kbc_command

.enable:
        mov bh, [bp + R_BH]
        mov ah, 0x02
        cmp bh, 1
        ja .fail
        mov al, 0xF5
        jb .send
        mov ah, 0x05                    ; enabling needs a handler
        test byte [es:EB_MOUSE_FLAG2], 0x80
        jz .fail
        mov al, 0xF4
.send:
        push ax
        call .begin
        pop ax
        mov byte [es:EB_MOUSE_FLAG1], 0
        call mouse_send
        jc .error
        jmp .ok

.initialize:
        mov al, [bp + R_BH]             ; packet size
        mov ah, 0x02
        cmp al, 1
        jb .fail
        cmp al, 8
        ja .fail
        dec al
        mov ah, [es:EB_MOUSE_FLAG2]
        and ah, 0xF8
        or ah, al
        mov [es:EB_MOUSE_FLAG2], ah
.reset:
        call .begin
        mov byte [es:EB_MOUSE_FLAG1], 0
        mov al, 0xFF
        call mouse_send
        jc .error
        mov eax, 1000000
        call kbc_read
        jc .error
        mov [bp + R_BL], al             ; AAh
        mov eax, 100000
        call kbc_read
        mov [bp + R_BH], al             ; id 0
        jmp .ok

.rate:
        movzx bx, byte [bp + R_BH]
        mov ah, 0x02
        cmp bx, 6
        ja .fail
        call .begin
        mov al, 0xF3
        call mouse_send
        jc .error
        mov al, [cs:bx + .rates]
        call mouse_send
        jc .error
        jmp .ok
.rates:
        db 10, 20, 40, 60, 80, 100, 200

.resolution:
        mov bl, [bp + R_BH]
        mov ah, 0x02
        cmp bl, 3
        ja .fail
        call .begin
        mov al, 0xE8
        call mouse_send
        jc .error
        mov al, bl
        call mouse_send
        jc .error
        jmp .ok

.type:
        call .begin
        mov al, 0xF2
        call mouse_send
        jc .error
        mov eax, 100000
        call kbc_read
        jc .error
        mov [bp + R_BH], al
        jmp .ok

.extended:
        mov bl, [bp + R_BH]
        mov ah, 0x02
        cmp bl, 2
        ja .fail
        je .scaling2
        cmp bl, 1
        je .scaling1
        call .begin
        mov al, 0xE9                    ; status: three bytes to BL, CL, DL
        call mouse_send
        jc .error
        mov eax, 100000
        call kbc_read
        jc .error
        mov [bp + R_BL], al
        mov eax, 100000
        call kbc_read
        jc .error
        mov [bp + R_CL], al
        mov eax, 100000
        call kbc_read
        jc .error
        mov [bp + R_DL], al
        jmp .ok
.scaling1:
        mov al, 0xE6
        jmp .send
.scaling2:
        mov al, 0xE7
        jmp .send

.handler:
        mov ax, [bp + R_BX]
        mov [es:EB_MOUSE_PTR], ax
        mov bx, [bp + R_ES]
        mov [es:EB_MOUSE_PTR + 2], bx
        or ax, bx
        and byte [es:EB_MOUSE_FLAG2], 0x7F
        test ax, ax
        jz service_ok_ah0
        or byte [es:EB_MOUSE_FLAG2], 0x80
        jmp service_ok_ah0
