; The alarm list, newest first: priority by shape, number and colour; what is not acknowledged blinks.
ALARM_ROW_Y     equ 504
ALARM_ROW       equ 41

alarms_static:
        LABEL 576, 453, font_bold, C_MUTED, "ALARMS"
        RECT 572, 486, 428, 1, C_BORDER
        ret

alarms_draw:
        mov eax, [alarm_unack_bits]     ; key: who is active, who unacknowledged, in which order, which phase
        test eax, eax
        jz .steady
        mov ecx, [blink]
        shl ecx, 8
        or eax, ecx
.steady:
        shl eax, 8
        or eax, [alarm_bits]
        mov ecx, [alarm_sequence]
        shl ecx, 20
        xor eax, ecx
        UNLESS_CHANGED_RETURN alarms_drawn, eax
        call alarms_title
        RECT 570, ALARM_ROW_Y-10, 432, 5*ALARM_ROW+8, C_PANEL
        MARK 570, ALARM_ROW_Y-10, 432, 5*ALARM_ROW+8
        mov dword [alarm_below], 0x7FFFFFFF
        mov edi, ALARM_ROW_Y
.next:
        call newest_below
        cmp ecx, -1
        je .end
        call alarm_row
        add edi, ALARM_ROW
        jmp .next
.end:
        cmp edi, ALARM_ROW_Y
        jne .done
        LABEL_CENTRE 786, 590, font_small, C_MUTED, "No alarms"
.done:
        ret

; "2 active, 1 new"
alarms_title:
        RECT 640, 448, 246, 20, C_PANEL
        mov eax, [alarm_bits]
        call count_bits
        NUMBER_AT 648, 453, font_bold, C_TEXT, eax, 0
        LABEL 664, 453, font_small, C_TEXT, "active"
        mov eax, [alarm_unack_bits]
        call count_bits
        NUMBER_AT 726, 453, font_bold, C_TEXT, eax, 0
        LABEL 742, 453, font_small, C_TEXT, "unacknowledged"
        MARK 640, 448, 246, 20
        ret

count_bits:
        push ecx
        mov ecx, eax
        xor eax, eax
.next:
        shr ecx, 1
        adc eax, 0
        test ecx, ecx
        jnz .next
        pop ecx
        ret

; ECX: the listed alarm with the largest order below [alarm_below], which becomes its order; -1 when there is none.
newest_below:
        mov ecx, -1
        xor edx, edx            ; its order
        xor eax, eax
.next:
        mov ebx, [alarm_active+eax*4]
        or ebx, [alarm_unack+eax*4]
        jz .other
        mov ebx, [alarm_order+eax*4]
        cmp ebx, [alarm_below]
        jae .other
        cmp ebx, edx
        jbe .other
        mov edx, ebx
        mov ecx, eax
.other:
        inc eax
        cmp eax, ALARM_COUNT
        jb .next
        mov [alarm_below], edx
        ret

; Alarm ECX at row EDI.
alarm_row:
        pushad
        lea eax, [edi-9]
        cmp dword [alarm_unack+ecx*4], 0
        je .known
        ROUND 572, eax, 428, 34, 5, C_INSET
.known:
        lea ebx, [ecx+ecx*2]
        lea ebx, [alarm_kinds+ebx*4]
        mov esi, [ebx]          ; priority
        mov edx, [priority_colours+esi*4-4]
        mov ebp, C_WHITE
        cmp esi, 3
        jne .number
        mov ebp, C_TEXT
.number:
        cmp dword [alarm_active+ecx*4], 0
        je .pale
        cmp dword [alarm_unack+ecx*4], 0
        je .symbol
        cmp dword [blink], 0
        je .symbol
.pale:
        mov edx, C_BORDER       ; dark half of the blinking; and what has gone
        mov ebp, C_TEXT
.symbol:
        lea eax, [edi-3]
        push esi
        add esi, ICON_P1-1
        ICON 580, eax, esi, edx
        pop esi
        push esi
        push dword 0
        call format_number
        TEXT_CENTRE 589, edi, font_small, ebp, number_text
        mov eax, [alarm_time+ecx*4]
        call format_time
        TEXT 606, edi, font_small, C_TEXT, number_text
        TEXT 672, edi, font_bold, C_TEXT, [ebx+4]
        TEXT 738, edi, font_small, C_TEXT, [ebx+8]
        mov eax, text_active
        mov edx, C_TEXT
        cmp dword [alarm_active+ecx*4], 0
        jne .state
        mov eax, text_returned
        mov edx, C_MUTED
.state:
        TEXT_RIGHT 994, edi, font_small, edx, eax
        popad
        ret

align 4, db 0
alarms_drawn    dd -1
alarm_below     dd 0
priority_colours dd C_P1, C_P2, C_P3
text_active     db "Active", 0
text_returned   db "Gone", 0
