; Bars with their limits, and numbers. A bar shows at a glance what a number does not: how far it is to the setpoint and the alarm.
BAR_TOP         equ 242
BAR_HEIGHT      equ 140
BAR_COUNT       equ 3

; A bar's record: x of its middle, value, setpoint, alarm limit (0: none), full scale.
bars:
        dd  58, pv_level, sp_level, limit_level, 1000
        dd 120, pv_temperature, sp_temperature, limit_temperature, 1000
        dd 182, pv_speed, sp_speed, 0, 500
BAR_BYTES       equ 20

; EAX in units of the record's scale -> EAX pixels above the bar's foot.
bar_pixels:
        push edx
        imul eax, eax, BAR_HEIGHT
        xor edx, edx
        div dword [esi+16]
        cmp eax, BAR_HEIGHT
        jbe .fits
        mov eax, BAR_HEIGHT
.fits:
        pop edx
        ret

bars_draw:
        mov esi, bars
        xor ecx, ecx
.next:
        mov eax, [esi+4]
        mov eax, [eax]
        call bar_pixels
        mov ebx, eax            ; value
        mov eax, [esi+8]
        mov eax, [eax]
        call bar_pixels
        mov edx, eax            ; setpoint
        xor edi, edi
        mov eax, [esi+12]
        test eax, eax
        jz .no_limit
        mov eax, [eax]
        call bar_pixels
        mov edi, eax
.no_limit:
        mov eax, edi
        shl eax, 8
        or eax, edx
        shl eax, 8
        or eax, ebx
        cmp [bars_drawn+ecx*4], eax
        je .same
        mov [bars_drawn+ecx*4], eax
        call bar_draw
.same:
        add esi, BAR_BYTES
        inc ecx
        cmp ecx, BAR_COUNT
        jb .next
        ret

; ESI record, EBX value, EDX setpoint, EDI limit, all in pixels. Preserves all.
bar_draw:
        pushad
        mov ebp, [esi]
        lea eax, [ebp-26]
        RECT eax, BAR_TOP-8, 52, BAR_HEIGHT+16, C_PANEL
        MARK eax, BAR_TOP-8, 52, BAR_HEIGHT+16
        sub ebp, 8
        lea eax, [ebp-1]
        RECT eax, BAR_TOP-1, 18, BAR_HEIGHT+2, C_OUTLINE
        RECT ebp, BAR_TOP, 16, BAR_HEIGHT, C_VESSEL
        mov eax, BAR_TOP+BAR_HEIGHT
        sub eax, ebx
        RECT ebp, eax, 16, ebx, C_LIQUID
        RECT ebp, eax, 16, 2, C_CHOSEN
        test edi, edi
        jz .no_limit
        mov eax, BAR_TOP+BAR_HEIGHT     ; above the limit: a mark in the colour that the alarm will have
        sub eax, edi
        mov ecx, C_P2
        cmp ebp, 100
        jb .limit_colour
        mov ecx, C_P1
.limit_colour:
        lea esi, [ebp+17]
        sub eax, BAR_TOP
        RECT esi, BAR_TOP, 4, eax, ecx
.no_limit:
        mov eax, BAR_TOP+BAR_HEIGHT-6
        sub eax, edx
        lea esi, [ebp-11]
        ICON esi, eax, ICON_SCALE_LEFT, C_FOCUS
        popad
        ret

process_labels:
        LABEL_CENTRE 58, 392, font_small, C_TEXT, "Level"
        LABEL_CENTRE 120, 392, font_small, C_TEXT, "Temp."
        LABEL_CENTRE 182, 392, font_small, C_TEXT, "Speed"
        LABEL_CENTRE 58, 407, font_small, C_MUTED, "0-100 %"
        TEXT_CENTRE 120, 407, font_small, C_MUTED, scale_degrees
        LABEL_CENTRE 182, 407, font_small, C_MUTED, "0-500"
        LABEL 500, 234, font_bold, C_MUTED, "TK-103"
        RECT 500, 250, 148, 1, C_BORDER
        LABEL 500, 260, font_small, C_TEXT, "Level"
        LABEL 500, 284, font_small, C_TEXT, "Temp."
        LABEL 500, 308, font_small, C_TEXT, "Agitator"
        LABEL 500, 332, font_small, C_TEXT, "Current"
        LABEL 500, 356, font_small, C_TEXT, "Outflow"
        LABEL 614, 260, font_small, C_MUTED, "%"
        TEXT 614, 284, font_small, C_MUTED, unit_degrees
        LABEL 614, 308, font_small, C_MUTED, "rpm"
        LABEL 614, 332, font_small, C_MUTED, "A"
        LABEL 614, 356, font_small, C_MUTED, "L/min"
        ret

; A number's record: variable, right end, y, decimals, value it was drawn with.
readouts:
        dd pv_level,       606, 257, 1, -1
        dd pv_temperature, 606, 281, 1, -1
        dd pv_speed,       606, 305, 0, -1
        dd pv_current,     606, 329, 1, -1
        dd pv_flow,        606, 353, 1, -1
READOUT_COUNT   equ ($-readouts)/20

readouts_draw:
        mov esi, readouts
        mov ecx, READOUT_COUNT
.next:
        mov eax, [esi]
        mov eax, [eax]
        cmp eax, [esi+16]
        je .same
        mov [esi+16], eax
        mov ebx, [esi+4]
        mov edi, [esi+8]
        lea edx, [ebx-54]
        RECT edx, edi, 55, 16, C_PANEL
        NUMBER_RIGHT ebx, edi, font_medium, C_TEXT, eax, [esi+12]
        MARK edx, edi, 55, 16
.same:
        add esi, 20
        dec ecx
        jnz .next

; Beside a number whose alarm is active, the alarm's symbol.
        mov eax, [alarm_bits]
        and eax, 7
        UNLESS_CHANGED_RETURN readout_alarms, eax
        xor ecx, ecx
.alarm:
        mov edi, [alarm_readout_y+ecx*4]
        RECT 478, edi, 16, 16, C_PANEL
        bt [readout_alarms], ecx
        jnc .none
        lea ebx, [ecx+ecx*2]
        mov ebx, [alarm_kinds+ebx*4]
        mov edx, [priority_colours+ebx*4-4]
        add ebx, ICON_P1-1
        ICON 478, edi, ebx, edx
.none:
        MARK 478, edi, 16, 16
        inc ecx
        cmp ecx, 3
        jb .alarm
        ret

align 4, db 0
bars_drawn      dd -1, -1, -1
readout_alarms  dd -1
alarm_readout_y dd 257, 281, 329        ; of the first three alarms' values
scale_degrees   db "0-100 ", CHAR_DEGREE, "C", 0
