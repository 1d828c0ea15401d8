; Rectangles and coverage masks into DRAWN, inside the clip rectangle.

; Arguments after PUSHAD and the return address: the last pushed one is at [ebp+36].

fill_rect:                      ; x, y, width, height, colour
        pushad
        mov ebp, esp
        mov eax, [ebp+52]       ; left
        mov ecx, [ebp+44]
        add ecx, eax            ; right
        cmp eax, [clip_x0]
        jge .left
        mov eax, [clip_x0]
.left:
        cmp ecx, [clip_x1]
        jle .right
        mov ecx, [clip_x1]
.right:
        sub ecx, eax
        jle .done
        mov ebx, [ebp+48]       ; top
        mov edx, [ebp+40]
        add edx, ebx            ; bottom
        cmp ebx, [clip_y0]
        jge .top
        mov ebx, [clip_y0]
.top:
        cmp edx, [clip_y1]
        jle .bottom
        mov edx, [clip_y1]
.bottom:
        sub edx, ebx
        jle .done
        shl ebx, 12
        lea esi, [DRAWN+ebx+eax*4]
        mov eax, [ebp+36]
        mov ebx, ecx
.row:
        mov edi, esi
        mov ecx, ebx
        rep stosd
        add esi, PITCH
        dec edx
        jnz .row
.done:
        popad
        ret 20

; One pixel: EDI address, EBX colour, EAX coverage 1-255. Changes EAX, ECX, EDX.
blend:
        cmp eax, 255
        jae .solid
        mov ecx, eax
        shr ecx, 7
        add eax, ecx            ; 0-256
        mov edx, [edi]
        push esi
        mov ecx, ebx            ; red and blue together, then green; borrows between them cancel out
        mov esi, edx
        and ecx, 0xFF00FF
        and esi, 0xFF00FF
        sub ecx, esi
        imul ecx, eax
        shr ecx, 8
        add ecx, esi
        and ecx, 0xFF00FF
        and edx, 0x00FF00
        mov esi, ebx
        and esi, 0x00FF00
        sub esi, edx
        imul esi, eax
        sar esi, 8
        add edx, esi
        and edx, 0x00FF00
        or edx, ecx
        mov [edi], edx
        pop esi
        ret
.solid:
        mov [edi], ebx
        ret

; The same by coordinates: ESI x, EDI y, EAX coverage, EBX colour; outside the clip nothing. Preserves ESI, EDI.
blend_at:
        test eax, eax
        jz .done
        cmp esi, [clip_x0]
        jl .done
        cmp esi, [clip_x1]
        jge .done
        cmp edi, [clip_y0]
        jl .done
        cmp edi, [clip_y1]
        jge .done
        push edi
        shl edi, 12
        lea edi, [DRAWN+edi+esi*4]
        call blend
        pop edi
.done:
        ret

draw_mask:                      ; address, width, height, x, y, colour
        pushad
        mov ebp, esp
        mov ebx, [ebp+36]
        mov esi, [ebp+56]
        mov edi, [ebp+40]       ; y
.row:
        cmp dword [ebp+48], 0
        jle .done
        cmp edi, [clip_y0]
        jl .skip_row
        cmp edi, [clip_y1]
        jge .done
        push edi
        shl edi, 12
        mov eax, [ebp+44]
        lea edi, [DRAWN+edi+eax*4]
        xor ecx, ecx
.pixel:
        cmp ecx, [ebp+52]
        jge .row_end
        movzx eax, byte [esi+ecx]
        test eax, eax
        jz .next
        mov edx, [ebp+44]
        add edx, ecx
        cmp edx, [clip_x0]
        jl .next
        cmp edx, [clip_x1]
        jge .next
        push ecx
        call blend
        pop ecx
.next:
        add edi, 4
        inc ecx
        jmp .pixel
.row_end:
        pop edi
.skip_row:
        add esi, [ebp+52]
        inc edi
        dec dword [ebp+48]
        jmp .row
.done:
        popad
        ret 24

round_rect:                     ; x, y, width, height, radius (1-28), colour
        pushad
        mov ebp, esp
        mov ecx, [ebp+40]       ; radius
        mov eax, [ebp+56]       ; x
        mov ebx, [ebp+52]       ; y
        mov edx, [ebp+48]       ; width
        mov esi, [ebp+44]       ; height
        test ecx, ecx
        jnz .round
        RECT eax, ebx, edx, esi, [ebp+36]
        jmp .done
.round:
        lea edi, [ebx+ecx]
        sub esi, ecx
        sub esi, ecx
        RECT eax, edi, edx, esi, [ebp+36]       ; between the corners
        add edi, esi
        add eax, ecx
        sub edx, ecx
        sub edx, ecx
        RECT eax, ebx, edx, ecx, [ebp+36]       ; above
        RECT eax, edi, edx, ecx, [ebp+36]       ; below
        mov edx, [corners+ecx*4]
        mov ebx, [ebp+36]
        xor ecx, ecx            ; row of the corner mask
.corner_row:
        cmp ecx, [ebp+40]
        jge .done
        push ecx
        mov dword [corner_column], 0
.corner_pixel:
        movzx eax, byte [edx]
        inc edx
        push edx
        mov esi, [ebp+56]
        add esi, [corner_column]
        mov edi, [ebp+52]
        add edi, [esp+4]
        push eax
        call blend_at           ; top left
        mov eax, [esp]
        mov edi, [ebp+52]
        add edi, [ebp+44]
        dec edi
        sub edi, [esp+8]
        call blend_at           ; bottom left
        mov eax, [esp]
        mov esi, [ebp+56]
        add esi, [ebp+48]
        dec esi
        sub esi, [corner_column]
        call blend_at           ; bottom right
        pop eax
        mov edi, [ebp+52]
        add edi, [esp+4]
        call blend_at           ; top right
        pop edx
        inc dword [corner_column]
        mov eax, [corner_column]
        cmp eax, [ebp+40]
        jl .corner_pixel
        pop ecx
        inc ecx
        jmp .corner_row
.done:
        popad
        ret 24

; A frame of two pixels around a rectangle: x, y, width, height, colour.
draw_frame:
        pushad
        mov ebp, esp
        mov eax, [ebp+52]
        mov ebx, [ebp+48]
        mov ecx, [ebp+44]
        mov edx, [ebp+40]
        mov esi, [ebp+36]
        RECT eax, ebx, ecx, 2, esi
        RECT eax, ebx, 2, edx, esi
        lea edi, [ebx+edx-2]
        RECT eax, edi, ecx, 2, esi
        lea edi, [eax+ecx-2]
        RECT edi, ebx, 2, edx, esi
        popad
        ret 20

; Column of a pen line with sub-pixel ends: x, top, bottom (both in 1/256 pixel), colour.
draw_span:
        pushad
        mov ebp, esp
        mov ebx, [ebp+36]
        mov esi, [ebp+48]
        mov edi, [ebp+44]
        mov edx, edi
        sar edi, 8              ; first row
        and edx, 255
        mov eax, 256
        sub eax, edx            ; its coverage
        mov ecx, [ebp+40]
        sub ecx, [ebp+44]
        cmp eax, ecx
        jle .first
        mov eax, ecx
.first:
        dec eax
        jns .first_some
        xor eax, eax
.first_some:
        call blend_at
.next:
        inc edi
        mov eax, edi
        shl eax, 8
        mov ecx, [ebp+40]
        sub ecx, eax            ; what is left below this row's top
        jle .done
        mov eax, 255
        cmp ecx, 256
        jge .whole
        mov eax, ecx
.whole:
        call blend_at
        jmp .next
.done:
        popad
        ret 16

align 4, db 0
clip_x0         dd 0
clip_y0         dd 0
clip_x1         dd SCREEN_WIDTH
clip_y1         dd SCREEN_HEIGHT
corner_column   dd 0
