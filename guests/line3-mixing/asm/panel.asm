; The panel: what never changes is drawn once (panel_init), the rest when its value has changed (panel_update, five times a second and
; after each input).
PANEL_TICKS     equ 20
BLINK_TICKS     equ 60

panel_init:
        call screen_forget
        RECT 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT, C_WINDOW
        RECT 0, 0, SCREEN_WIDTH, 46, C_HEADER
        RECT 0, 726, SCREEN_WIDTH, 42, C_HEADER
        BORDERED  16,  56, 648, 370, 8, C_BORDER, C_PANEL
        BORDERED 676,  56, 332, 370, 8, C_BORDER, C_PANEL
        BORDERED  16, 436, 536, 280, 8, C_BORDER, C_PANEL
        BORDERED 564, 436, 444, 280, 8, C_BORDER, C_PANEL
        LABEL 36, 16, font_medium, C_HEADER_TEXT, "LINE 3"
        LABEL 104, 16, font_medium, C_HEADER_MUTED, "Mixing"
        call process_static
        call control_static
        call trend_static
        call alarms_static
        call status_static
        call trend_sample
        call panel_update
        MARK 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT
        jmp screen_flush

panel_poll:
        mov eax, [ticks]
        cmp eax, [panel_next]
        js .not_due
        add dword [panel_next], PANEL_TICKS
        cmp eax, [panel_next]
        js .in_time
        mov [panel_next], eax   ; late by more than a period: not caught up
        add dword [panel_next], PANEL_TICKS
.in_time:
        call panel_clock
        jmp .update
.not_due:
        cmp dword [panel_hurry], 0
        je .done
.update:
        mov dword [panel_hurry], 0
        call panel_update
.done:
        ret

; Blinking, the agitator's turning, trend samples, the time of day.
panel_clock:
        mov eax, [ticks]
        xor edx, edx
        mov ecx, BLINK_TICKS
        div ecx
        and eax, 1
        mov [blink], eax
        inc dword [motion]
        mov eax, [ticks]
        cmp eax, [clock_next]
        js .same_second
        add dword [clock_next], TICKS_PER_SECOND/2
        cli                     ; the clock chip's index register is the interrupt handlers' too
        call rtc_read
        sti
.same_second:
        mov eax, [ticks]
        cmp eax, [trend_next]
        js .done
        add dword [trend_next], TREND_TICKS
        call trend_sample
.done:
        ret

panel_update:
        call header_draw
        call controls_draw
        call setpoints_draw
        call recipe_draw
        call equipment_draw
        call bars_draw
        call readouts_draw
        call alarms_draw
        call trend_draw
        call status_draw
        jmp corners_draw

; --- control panel

control_static:
        LABEL 692, 70, font_bold, C_MUTED, "CONTROL"
        LABEL 700, 207, font_small, C_TEXT, "Level SP"
        LABEL 780, 207, font_small, C_MUTED, "%"
        LABEL 700, 241, font_small, C_TEXT, "Temperature SP"
        TEXT 806, 241, font_small, C_MUTED, unit_degrees
        LABEL 700, 275, font_small, C_TEXT, "Agitator SP"
        LABEL 780, 275, font_small, C_MUTED, "rpm"
        RECT 692, 304, 300, 1, C_BORDER
        LABEL 692, 316, font_bold, C_MUTED, "RECIPE"
        ret

; The three setpoints, with a mark at the one that the + and - keys change.
setpoints_draw:
        xor ecx, ecx
.next:
        mov ebx, [setpoint_variables+ecx*4]
        mov eax, [ebx]
        shl eax, 1
        cmp ecx, [chosen_setpoint]
        jne .plain
        inc eax
.plain:
        cmp [setpoint_drawn+ecx*4], eax
        je .same
        mov [setpoint_drawn+ecx*4], eax
        imul edi, ecx, 34
        add edi, 198
        RECT 902, edi, 50, 28, C_PANEL
        RECT 686, edi, 4, 28, C_PANEL
        test eax, 1
        jz .unmarked
        RECT 686, edi, 3, 28, C_FOCUS
.unmarked:
        MARK 686, edi, 4, 28
        MARK 902, edi, 50, 28
        add edi, 8
        mov eax, [ebx]
        mov edx, 1
        cmp ecx, 2
        jne .decimals
        xor edx, edx
.decimals:
        push eax
        push edx
        call format_number
        TEXT_CENTRE 927, edi, font_bold, C_TEXT, number_text
.same:
        inc ecx
        cmp ecx, SETPOINT_COUNT
        jb .next
        ret

; Five steps: done, at work (with its progress), to come.
recipe_draw:
        mov eax, [step]
        shl eax, 8
        mov al, [step_progress]
        shl eax, 8
        mov al, [batches]
        UNLESS_CHANGED_RETURN recipe_drawn, eax
        RECT 684, 312, 316, 110, C_PANEL
        LABEL 692, 316, font_bold, C_MUTED, "RECIPE"
        LABEL_RIGHT 966, 316, font_small, C_MUTED, "Batch"
        mov eax, [batches]
        inc eax
        NUMBER_RIGHT 992, 316, font_bold, C_TEXT, eax, 0
        mov ecx, 1
        mov edi, 337
.next:
        mov ebp, [step_names+ecx*4-4]
        cmp ecx, [step]
        je .active
        jb .finished
        lea eax, [edi+2]
        ICON 696, eax, ICON_LAMP_OFF, C_BORDER
        TEXT 716, edi, font_small, C_MUTED, ebp
        jmp .row_done
.finished:
        ICON 695, edi, ICON_DONE, C_MUTED
        TEXT 716, edi, font_small, C_MUTED, ebp
        jmp .row_done
.active:
        lea eax, [edi-4]
        ROUND 686, eax, 312, 18, 4, C_INSET
        lea eax, [edi-1]
        ICON 697, eax, ICON_PLAY, C_FOCUS
        TEXT 716, edi, font_bold, C_TEXT, ebp
        lea eax, [edi+2]
        RECT 850, eax, 100, 6, C_NORMAL_BAND
        RECT 850, eax, [step_progress], 6, C_FOCUS
        LABEL_RIGHT 994, edi, font_small, C_MUTED, "%"
        NUMBER_RIGHT 982, edi, font_small, C_TEXT, [step_progress], 0
.row_done:
        add edi, 17
        inc ecx
        cmp ecx, 5
        jbe .next
        MARK 684, 312, 316, 110
        ret

; --- corner marks: a bracket; filled once pressed

corners_draw:
        mov eax, [corner_marks]
        UNLESS_CHANGED_RETURN corners_drawn, eax
        xor ecx, ecx
.next:
        mov esi, [corner_at+ecx*8]
        mov edi, [corner_at+ecx*8+4]
        mov edx, C_HEADER_MUTED
        RECT esi, edi, CORNER_SIZE, CORNER_SIZE, C_HEADER
        bt [corner_marks], ecx
        jc .hit
        lea eax, [esi+5]
        lea ebx, [edi+5]
        RECT eax, ebx, 14, 14, edx
        lea eax, [esi+7]        ; what is cut out of the square leaves an angle that points to the corner
        lea ebx, [edi+7]
        test ecx, 1
        jz .left
        sub eax, 2
.left:
        test ecx, 2
        jz .upper
        sub ebx, 2
.upper:
        RECT eax, ebx, 12, 12, C_HEADER
        jmp .marked
.hit:
        lea eax, [esi+3]
        lea ebx, [edi+3]
        ROUND eax, ebx, 18, 18, 4, C_CORNER_HIT
.marked:
        MARK esi, edi, CORNER_SIZE, CORNER_SIZE
        inc ecx
        cmp ecx, 4
        jb .next
        ret
C_CORNER_HIT    equ 0x4FA3F7

align 4, db 0
corner_at       dd 0, 0, SCREEN_WIDTH-CORNER_SIZE, 0, 0, SCREEN_HEIGHT-CORNER_SIZE, SCREEN_WIDTH-CORNER_SIZE, SCREEN_HEIGHT-CORNER_SIZE
corners_drawn   dd -1
setpoint_variables dd sp_level, sp_temperature, sp_speed
setpoint_drawn  dd -1, -1, -1
recipe_drawn    dd -1
step_names      dd name_dose_a, name_dose_b, name_heat, name_mix, name_drain
panel_next      dd 0
panel_hurry     dd 0
clock_next      dd 0
blink           dd 0
motion          dd 0
name_dose_a     db "1  Dose A", 0
name_dose_b     db "2  Dose B", 0
name_heat       db "3  Heat", 0
name_mix        db "4  Mix", 0
name_drain      db "5  Drain", 0
unit_degrees    db CHAR_DEGREE, "C", 0
