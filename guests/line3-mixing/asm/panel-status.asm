; Header (state, message, clock) and status bar (keys, pointer, Modbus link).

header_draw:
        call message_of_now     ; ESI
        mov ecx, [running]
        lea eax, [esi+ecx]
        cmp eax, [header_drawn]
        je .clock
        mov [header_drawn], eax
        RECT 190, 8, 570, 30, C_HEADER
        mov edx, C_CHOSEN
        mov edi, text_ready
        cmp dword [step], STEP_IDLE
        je .state
        mov edi, text_held
.state:
        cmp dword [running], 0
        je .pill
        mov edx, C_RUNNING
        mov edi, text_runs
.pill:
        ROUND 196, 11, 96, 24, 12, edx
        TEXT_CENTRE 244, 18, font_bold, C_WHITE, edi
        TEXT 308, 18, font_small, C_HEADER_TEXT, esi
        MARK 190, 8, 570, 30
.clock:
        mov eax, [clock_time]
        UNLESS_CHANGED_RETURN clock_drawn, eax
        RECT 780, 8, 212, 30, C_HEADER
        call format_time
        TEXT_RIGHT 988, 16, font_medium, C_HEADER_TEXT, number_text
        mov edi, number_text
        mov byte [edi], '2'
        mov byte [edi+1], '0'
        add edi, 2
        mov al, [clock_date+2]
        call put_two
        mov byte [edi], '-'
        inc edi
        mov al, [clock_date+1]
        call put_two
        mov byte [edi], '-'
        inc edi
        mov al, [clock_date]
        call put_two
        mov byte [edi], 0
        TEXT_RIGHT 890, 18, font_small, C_HEADER_MUTED, number_text
        MARK 780, 8, 212, 30
        ret

; ESI: what the operator should know now. One text per situation, so that its address says which.
message_of_now:
        cmp dword [running], 0
        je .stopped
        mov esi, message_dry
        cmp dword [motor_on], 0
        je .no_motor
.motor_runs:
        mov esi, message_manual_running
        cmp dword [automatic], 0
        je .done
        mov eax, [step]
        mov esi, [step_messages+eax*4]
.done:
        ret
.no_motor:
        cmp dword [level], AGITATOR_NEEDS
        jge .motor_runs         ; the process step that starts it is still to come
        ret
.stopped:
        mov esi, message_manual
        cmp dword [automatic], 0
        je .done
        mov esi, message_ready
        cmp dword [step], STEP_IDLE
        je .done
        mov esi, message_held
        ret

status_static:
        mov edi, 36
        mov esi, status_keys
.next:
        cmp byte [esi], 0
        je .done
        TEXT edi, 741, font_bold, C_HEADER_TEXT, esi
        mov ebx, font_bold
        call .advance
        add edi, 3
        TEXT edi, 741, font_small, C_HEADER_MUTED, esi
        mov ebx, font_small
        call .advance
        add edi, 9
        jmp .next
.advance:
        call text_width
        add edi, eax
.skip:
        lodsb
        test al, al
        jnz .skip
.done:
        ret

; Right end: kind of pointer, and whether a Modbus master was heard within three seconds.
status_draw:
        xor eax, eax
        cmp dword [modbus_seen], 0
        je .silent
        mov eax, [ticks]
        sub eax, [modbus_last]
        cmp eax, 3*TICKS_PER_SECOND
        sbb eax, eax
        neg eax
.silent:
        mov ecx, [pointer_is_absolute]
        lea eax, [eax+ecx*2]
        UNLESS_CHANGED_RETURN status_drawn, eax
        RECT 664, 730, 332, 34, C_HEADER
        LABEL 670, 741, font_small, C_HEADER_MUTED, "Pointer"
        mov esi, text_relative
        test eax, 2
        jz .pointer
        mov esi, text_absolute
.pointer:
        TEXT 722, 741, font_bold, C_HEADER_TEXT, esi
        LABEL 808, 741, font_small, C_HEADER_MUTED, "Modbus 3"
        mov esi, text_no_master
        mov edx, C_HEADER_MUTED
        mov ecx, ICON_LAMP_OFF
        test eax, 1
        jz .link
        mov esi, text_linked
        mov edx, C_HEADER_TEXT
        mov ecx, ICON_LAMP
.link:
        ICON 880, 740, ecx, edx
        TEXT 900, 741, font_bold, edx, esi
        MARK 664, 730, 332, 34
        ret

align 4, db 0
header_drawn    dd -1
clock_drawn     dd -1
status_drawn    dd -1
step_messages   dd message_ready, message_1, message_2, message_3, message_4, message_5
message_ready   db "Ready for a batch. Press START or F1.", 0, 0
message_held    db "Batch held. START continues it.", 0, 0
message_dry     db "Agitator waits: level below 15 %.", 0, 0
message_manual  db "Manual. START runs the agitator; press valves, pump, heater.", 0, 0
message_manual_running db "Manual. Press valves, pump and heater to switch them.", 0, 0
message_1       db "Step 1: dosing base A through V-101.", 0, 0
message_2       db "Step 2: dosing base B through V-102.", 0, 0
message_3       db "Step 3: heating to setpoint.", 0, 0
message_4       db "Step 4: mixing at temperature.", 0, 0
message_5       db "Step 5: draining to filling line.", 0, 0
text_ready      db "READY", 0
text_held       db "HELD", 0
text_runs       db "RUNNING", 0
text_absolute   db "ABSOLUTE", 0
text_relative   db "RELATIVE", 0
text_linked     db "LINK OK", 0
text_no_master  db "NO MASTER", 0
; key, meaning, ... and an empty text
status_keys     db "F1", 0, "Start", 0, "F2", 0, "Stop", 0, "F3", 0, "Ack", 0, "F4", 0, "Auto/Man", 0
                db "Tab", 0, "Focus", 0, "Enter", 0, "Press", 0, "+ -", 0, "Setpoint", 0, "M", 0, "Pointer", 0, 0
