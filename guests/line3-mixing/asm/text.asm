; Text in the fonts of assets.inc, numbers as text.
; A glyph record: width, height, top (signed), advance (bytes), address of its mask.

draw_text:                      ; x, y, font, colour, address
        pushad
        mov ebp, esp
        mov esi, [ebp+36]
        mov edi, [ebp+52]       ; pen
.next:
        movzx eax, byte [esi]
        inc esi
        test eax, eax
        jz .done
        mov ebx, [ebp+44]
        lea ebx, [ebx+eax*8-32*8]
        movzx ecx, byte [ebx]   ; width
        jecxz .blank
        movzx edx, byte [ebx+1] ; height
        movsx eax, byte [ebx+2]
        add eax, [ebp+48]       ; y
        push dword [ebx+4]
        push ecx
        push edx
        lea ecx, [edi-1]        ; masks begin one pixel before the stem
        push ecx
        push eax
        push dword [ebp+40]
        call draw_mask
.blank:
        movzx eax, byte [ebx+3]
        add edi, eax
        jmp .next
.done:
        popad
        ret 20

; EAX: width of the text at ESI in font EBX. Preserves the rest.
text_width:
        push esi
        push ecx
        push edx
        xor ecx, ecx
.next:
        movzx eax, byte [esi]
        inc esi
        test eax, eax
        jz .done
        movzx edx, byte [ebx+eax*8-32*8+3]
        add ecx, edx
        jmp .next
.done:
        mov eax, ecx
        pop edx
        pop ecx
        pop esi
        ret

draw_text_right:
        pushad
        mov ebp, esp
        mov esi, [ebp+36]
        mov ebx, [ebp+44]
        call text_width
        mov ecx, [ebp+52]
        sub ecx, eax
        TEXT ecx, [ebp+48], ebx, [ebp+40], esi
        popad
        ret 20

draw_text_centre:
        pushad
        mov ebp, esp
        mov esi, [ebp+36]
        mov ebx, [ebp+44]
        call text_width
        shr eax, 1
        mov ecx, [ebp+52]
        sub ecx, eax
        TEXT ecx, [ebp+48], ebx, [ebp+40], esi
        popad
        ret 20

draw_icon:                      ; x, y, code, colour
        pushad
        mov ebp, esp
        mov eax, [ebp+40]
        lea ebx, [font_icons+eax*8-32*8]
        movzx ecx, byte [ebx]
        movzx edx, byte [ebx+1]
        push dword [ebx+4]
        push ecx
        push edx
        push dword [ebp+48]
        push dword [ebp+44]
        push dword [ebp+36]
        call draw_mask
        popad
        ret 16

; Value, decimals -> number_text. The value is an integer in units of the last decimal.
format_number:
        pushad
        mov ebp, esp
        mov eax, [ebp+40]
        mov ecx, [ebp+36]
        mov edi, number_end
        mov byte [edi], 0
        xor esi, esi            ; sign
        test eax, eax
        jns .positive
        neg eax
        inc esi
.positive:
        mov ebx, 10
        test ecx, ecx
        jz .whole
.fraction:
        xor edx, edx
        div ebx
        add dl, '0'
        dec edi
        mov [edi], dl
        loop .fraction
        dec edi
        mov byte [edi], '.'
.whole:
        xor edx, edx
        div ebx
        add dl, '0'
        dec edi
        mov [edi], dl
        test eax, eax
        jnz .whole
        test esi, esi
        jz .unsigned
        dec edi
        mov byte [edi], '-'
.unsigned:
        mov esi, edi
        mov edi, number_text
.move:
        lodsb
        stosb
        test al, al
        jnz .move
        popad
        ret 8

; Two digits of AL (0-99) to [EDI], EDI += 2.
put_two:
        push eax
        movzx eax, al
        mov ah, 0
        push ebx
        mov bl, 10
        div bl
        pop ebx
        add ax, 0x3030
        mov [edi], ax
        add edi, 2
        pop eax
        ret

; Time of day (EAX: hours, minutes, seconds in bytes 2, 1, 0) as HH:MM:SS to number_text.
format_time:
        pushad
        mov edi, number_text
        mov ebx, eax
        shr eax, 16
        call put_two
        mov byte [edi], ':'
        inc edi
        mov al, bh
        call put_two
        mov byte [edi], ':'
        inc edi
        mov al, bl
        call put_two
        mov byte [edi], 0
        popad
        ret

number_text     times 16 db 0
number_space    times 16 db 0
number_end      db 0
