; Everything that can be pressed: one table for pointer, keyboard focus and drawing.
CONTROL_X       equ 0
CONTROL_Y       equ 4
CONTROL_WIDTH   equ 8
CONTROL_HEIGHT  equ 12
CONTROL_LABEL   equ 16
CONTROL_DRAW    equ 20          ; ESI record, EAX 1 when held down, EBX 1 when focused
CONTROL_ACTION  equ 24
CONTROL_KEY     equ 28          ; what it was drawn as
CONTROL_BYTES   equ 32

%macro CONTROL 7                ; x, y, width, height, label, draw, action
        dd %1, %2, %3, %4, %5, %6, %7, -1
%endmacro

FIRST_SETPOINT_CONTROL equ 3
SETPOINT_COUNT  equ 3
CONTROL_ACK     equ 9
CONTROL_V101    equ 10
CONTROL_V102    equ 11
CONTROL_P104    equ 12
CONTROL_E103    equ 13

align 4, db 0
controls:
        CONTROL 692,  96, 146, 46, label_start, draw_start, process_start
        CONTROL 846,  96, 146, 46, label_stop, draw_stop, process_stop
        CONTROL 692, 152, 300, 34, zero, draw_mode, act_mode
        CONTROL 862, 198,  38, 28, label_minus, draw_step, act_level_down
        CONTROL 954, 198,  38, 28, label_plus, draw_step, act_level_up
        CONTROL 862, 232,  38, 28, label_minus, draw_step, act_temperature_down
        CONTROL 954, 232,  38, 28, label_plus, draw_step, act_temperature_up
        CONTROL 862, 266,  38, 28, label_minus, draw_step, act_speed_down
        CONTROL 954, 266,  38, 28, label_plus, draw_step, act_speed_up
        CONTROL 892, 444, 104, 32, label_ack, draw_ack, alarms_acknowledge
        CONTROL 166, 180,  40, 34, zero, draw_nothing, act_v101
        CONTROL 434, 180,  40, 34, zero, draw_nothing, act_v102
        CONTROL 440, 378,  40, 40, zero, draw_nothing, act_drain
        CONTROL 416, 284,  20, 84, zero, draw_nothing, act_heater
CONTROL_COUNT   equ ($-controls)/CONTROL_BYTES

controls_draw:
        mov esi, controls
        xor ecx, ecx
.next:
        xor eax, eax
        cmp ecx, [pressed]
        jne .up
        inc eax
.up:
        xor ebx, ebx
        cmp ecx, [focus]
        jne .unfocused
        inc ebx
.unfocused:
        push esi
        push ecx
        call [esi+CONTROL_DRAW]
        pop ecx
        pop esi
        add esi, CONTROL_BYTES
        inc ecx
        cmp ecx, CONTROL_COUNT
        jb .next
draw_nothing:
        ret

; Body of a button: ESI record, EAX down, EBX focused, EDX fill when up, EDI colour of the label (for the caller). Draws and marks it.
button_body:
        test eax, eax
        jz .up
        mov edx, C_BUTTON_DOWN
.up:
        mov ecx, C_BUTTON_EDGE
        test ebx, ebx
        jz .edge
        mov ecx, C_FOCUS
.edge:
        push dword [esi+CONTROL_X]
        push dword [esi+CONTROL_Y]
        push dword [esi+CONTROL_WIDTH]
        push dword [esi+CONTROL_HEIGHT]
        push dword 6
        push ecx
        call round_rect
        inc ebx                 ; border: one pixel, three with the focus
        test ebx, 2
        jz .thin
        inc ebx
.thin:
        mov eax, [esi+CONTROL_X]
        add eax, ebx
        push eax
        mov eax, [esi+CONTROL_Y]
        add eax, ebx
        push eax
        mov eax, [esi+CONTROL_WIDTH]
        sub eax, ebx
        sub eax, ebx
        push eax
        mov eax, [esi+CONTROL_HEIGHT]
        sub eax, ebx
        sub eax, ebx
        push eax
        mov eax, 6
        sub eax, ebx
        push eax
        push edx
        call round_rect
        MARK [esi+CONTROL_X], [esi+CONTROL_Y], [esi+CONTROL_WIDTH], [esi+CONTROL_HEIGHT]
        ret

; The record's key becomes EAX + 2 EBX + 4 ECX; Z when it was that already.
control_changed:
        lea ecx, [ebx+ecx*2]
        lea ecx, [eax+ecx*2]
        cmp [esi+CONTROL_KEY], ecx
        mov [esi+CONTROL_KEY], ecx
        ret

draw_start:
        mov ecx, [running]
        call control_changed
        je .done
        mov edx, C_BUTTON
        mov edi, C_TEXT
        mov ebp, C_RUNNING_DARK
        cmp dword [running], 0
        je .body
        mov edx, C_RUNNING
        test eax, eax
        jnz .body
        mov edi, C_WHITE
        mov ebp, C_WHITE
.body:
        call button_body
        ICON 724, 112, ICON_PLAY, ebp
        TEXT 748, 112, font_medium, edi, label_start
.done:
        ret

draw_stop:
        mov ecx, [running]
        call control_changed
        je .done
        mov edx, C_BUTTON
        mov edi, C_TEXT
        cmp dword [running], 0
        jne .body
        mov edx, C_CHOSEN
        test eax, eax
        jnz .body
        mov edi, C_WHITE
.body:
        call button_body
        ICON 882, 113, ICON_STOP, edi
        TEXT 906, 112, font_medium, edi, label_stop
.done:
        ret

; Two halves; the chosen one is dark.
draw_mode:
        mov ecx, [automatic]
        call control_changed
        je .done
        mov edx, C_BUTTON
        call button_body
        mov eax, 695
        mov ecx, C_WHITE
        mov edx, C_TEXT
        cmp dword [automatic], 0
        jne .chosen
        mov eax, 844
        xchg ecx, edx
.chosen:
        ROUND eax, 155, 145, 28, 4, C_CHOSEN
        TEXT_CENTRE 768, 164, font_bold, ecx, label_auto
        TEXT_CENTRE 917, 164, font_bold, edx, label_manual
.done:
        ret

draw_step:
        xor ecx, ecx
        call control_changed
        je .done
        mov edx, C_BUTTON
        call button_body
        mov ecx, [esi+CONTROL_X]
        add ecx, 19
        mov edx, [esi+CONTROL_Y]
        add edx, 7
        TEXT_CENTRE ecx, edx, font_medium, C_TEXT, [esi+CONTROL_LABEL]
.done:
        ret

; Blinks while something is not acknowledged.
draw_ack:
        xor ecx, ecx
        cmp dword [alarm_unacknowledged], 0
        je .quiet
        mov ecx, 1
        sub ecx, [blink]
        inc ecx
.quiet:
        call control_changed
        je .done
        mov edi, C_TEXT
        mov edx, C_BUTTON
        cmp dword [alarm_unacknowledged], 0
        jne .wanted
        mov edi, C_MUTED
        jmp .body
.wanted:
        cmp dword [blink], 0
        je .body
        mov edx, 0xF3D36B
.body:
        call button_body
        TEXT_CENTRE 944, 454, font_bold, edi, label_ack
.done:
        ret

act_mode:
        xor dword [automatic], 1
        ret
act_increase:
        mov eax, [chosen_setpoint]
        mov ecx, 1
        jmp setpoint_by
act_decrease:
        mov eax, [chosen_setpoint]
        mov ecx, -1
        jmp setpoint_by
act_level_down:
        xor eax, eax
        mov ecx, -1
        jmp setpoint_by
act_level_up:
        xor eax, eax
        mov ecx, 1
        jmp setpoint_by
act_temperature_down:
        mov eax, 1
        mov ecx, -1
        jmp setpoint_by
act_temperature_up:
        mov eax, 1
        mov ecx, 1
        jmp setpoint_by
act_speed_down:
        mov eax, 2
        mov ecx, -1
        jmp setpoint_by
act_speed_up:
        mov eax, 2
        mov ecx, 1

; Setpoint EAX by ECX steps, within the limits of its holding register.
setpoint_by:
        mov [chosen_setpoint], eax
        imul ecx, [setpoint_steps+eax*4]
        lea ebx, [eax+eax*2]
        lea ebx, [holding_registers+ebx*4]
        mov edx, [ebx]
        add ecx, [edx]
        cmp ecx, [ebx+4]
        jl .no
        cmp ecx, [ebx+8]
        jg .no
        mov [edx], ecx
.no:
        ret

act_v101:
        mov eax, manual_v101
        jmp act_manual
act_v102:
        mov eax, manual_v102
        jmp act_manual
act_drain:
        mov eax, manual_drain
        jmp act_manual
act_heater:
        mov eax, manual_heater
act_manual:
        cmp dword [automatic], 0
        jne .no
        xor dword [eax], 1
.no:
        ret

setpoint_steps  dd 10, 10, 10   ; 1 %, 1 degree, 10 rpm
label_start     db "START", 0
label_stop      db "STOP", 0
label_auto      db "AUTO", 0
label_manual    db "MANUAL", 0
label_plus      db "+", 0
label_minus     db "-", 0
label_ack       db "ACK  F3", 0
