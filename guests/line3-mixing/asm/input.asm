; Takes events out of the ring: keys, pointer, controls (controls.asm has their table).

input_handle:
        mov eax, [event_tail]
        cmp eax, [event_head]
        je .done
        mov esi, eax
        shl esi, 4
        inc eax
        and eax, EVENT_COUNT-1
        push dword [EVENTS+esi+12]
        push dword [EVENTS+esi+8]
        push dword [EVENTS+esi+4]
        mov ecx, [EVENTS+esi]
        mov [event_tail], eax
        pop eax
        pop ebx
        pop edx
        cmp ecx, EVENT_KEY
        je .key
        cmp ecx, EVENT_ABSOLUTE
        je .absolute
        call pointer_by
        jmp input_handle
.absolute:
        call pointer_to
        jmp input_handle
.key:
        call key
        jmp input_handle
.done:
        ret

; EAX, EBX: 0-FFFF across the screen; EDX buttons.
pointer_to:
        imul eax, eax, SCREEN_WIDTH-1
        add eax, 0x8000
        shr eax, 16
        imul ebx, ebx, SCREEN_HEIGHT-1
        add ebx, 0x8000
        shr ebx, 16
        jmp pointer_at

; EAX, EBX: differences, one pixel a count, no acceleration; EDX buttons.
pointer_by:
        add eax, [pointer_x]
        jns .left
        xor eax, eax
.left:
        cmp eax, SCREEN_WIDTH-1
        jle .right
        mov eax, SCREEN_WIDTH-1
.right:
        add ebx, [pointer_y]
        jns .top
        xor ebx, ebx
.top:
        cmp ebx, SCREEN_HEIGHT-1
        jle pointer_at
        mov ebx, SCREEN_HEIGHT-1

pointer_at:
        mov [pointer_x], eax
        mov [pointer_y], ebx
        mov dword [pointer_known], 1
        and edx, 1
        cmp edx, [pointer_button]
        je .done
        mov [pointer_button], edx
        mov dword [panel_hurry], 1
        test edx, edx
        jz pointer_released
        inc dword [pointer_clicks]
        mov dword [focus], -1
        call corner_under
        call control_under
        mov [pressed], eax
        ret
.done:
        ret

; A control acts when the button is let go over it.
pointer_released:
        call control_under
        mov ecx, [pressed]
        mov dword [pressed], -1
        cmp eax, ecx
        jne .elsewhere
        cmp eax, -1
        jne control_act
.elsewhere:
        ret

; Notes a press in one of the four corner targets: CORNER_SIZE pixels square.
CORNER_SIZE     equ 24
corner_under:
        mov eax, [pointer_x]
        mov ebx, [pointer_y]
        xor ecx, ecx            ; bit 0 left top, 1 right top, 2 left bottom, 3 right bottom
        cmp eax, CORNER_SIZE
        jl .column
        inc ecx
        cmp eax, SCREEN_WIDTH-CORNER_SIZE
        jl .no
.column:
        cmp ebx, CORNER_SIZE
        jl .row
        add ecx, 2
        cmp ebx, SCREEN_HEIGHT-CORNER_SIZE
        jl .no
.row:
        bts [corner_marks], ecx
.no:
        ret

; EAX: the control under the pointer, or -1. EBX changes.
control_under:
        push esi
        xor ecx, ecx
        mov esi, controls
.next:
        mov eax, [pointer_x]
        sub eax, [esi+CONTROL_X]
        cmp eax, [esi+CONTROL_WIDTH]
        jae .other
        mov eax, [pointer_y]
        sub eax, [esi+CONTROL_Y]
        cmp eax, [esi+CONTROL_HEIGHT]
        jae .other
        mov eax, ecx
        pop esi
        ret
.other:
        add esi, CONTROL_BYTES
        inc ecx
        cmp ecx, CONTROL_COUNT
        jb .next
        mov eax, -1
        pop esi
        ret

; Control EAX does its work.
control_act:
        mov dword [panel_hurry], 1
        imul esi, eax, CONTROL_BYTES
        add esi, controls
        jmp [esi+CONTROL_ACTION]

; EAX: scan code of set 1; +80h released, +100h after E0.
key:
        mov ecx, eax
        and ecx, 0x7F
        cmp ecx, 0x2A
        je .shift
        cmp ecx, 0x36
        je .shift
        test al, 0x80
        jnz .done
        mov [last_key], eax
        mov dword [panel_hurry], 1
        mov esi, keys
.next:
        cmp dword [esi], 0
        je .done
        cmp eax, [esi]
        je .found
        add esi, 8
        jmp .next
.found:
        jmp [esi+4]
.shift:
        test ah, 1              ; E0 2A and E0 36 come with the arrows and mean nothing
        jnz .done
        mov ecx, eax
        and ecx, 0x80
        xor ecx, 0x80
        mov [shift], ecx
.done:
        ret

keys:
        dd 0x3B, process_start          ; F1
        dd 0x3C, process_stop           ; F2
        dd 0x3D, alarms_acknowledge     ; F3
        dd 0x3E, act_mode               ; F4
        dd 0x0F, key_tab
        dd 0x14D, focus_next            ; right
        dd 0x150, focus_next            ; down
        dd 0x14B, focus_before          ; left
        dd 0x148, focus_before          ; up
        dd 0x1C, key_enter
        dd 0x11C, key_enter
        dd 0x39, key_enter              ; space
        dd 0x0D, act_increase           ; + (with or without shift) and on the keypad
        dd 0x4E, act_increase
        dd 0x0C, act_decrease
        dd 0x4A, act_decrease
        dd 0x32, key_pointer            ; M
        dd 0x01, key_escape
        dd 0

key_tab:
        cmp dword [shift], 0
        jne focus_before
focus_next:
        mov eax, [focus]
        inc eax
        cmp eax, CONTROL_COUNT
        jb .set
        xor eax, eax
.set:
        mov [focus], eax
        jmp focus_chooses
focus_before:
        mov eax, [focus]
        dec eax
        jns .set
        mov eax, CONTROL_COUNT-1
.set:
        mov [focus], eax
; A setpoint's buttons also choose the setpoint for the + and - keys.
focus_chooses:
        sub eax, FIRST_SETPOINT_CONTROL
        cmp eax, 2*SETPOINT_COUNT
        jae .no
        shr eax, 1
        mov [chosen_setpoint], eax
.no:
        ret

key_enter:
        mov eax, [focus]
        cmp eax, -1
        jne control_act
        ret

key_escape:
        mov dword [focus], -1
        ret

; Absolute or relative pointer, for whoever wants to try both. The corner marks begin anew.
key_pointer:
        mov dword [corner_marks], 0
        cli
        cmp dword [pointer_is_absolute], 0
        jne .relative
        call pointer_absolute
        sti
        ret
.relative:
        call pointer_relative
        sti
        ret

align 4, db 0
focus           dd -1           ; control that the keyboard acts on
pressed         dd -1           ; control on which the button went down
chosen_setpoint dd 2
shift           dd 0
last_key        dd 0
pointer_button  dd 0
pointer_clicks  dd 0
corner_marks    dd 0
