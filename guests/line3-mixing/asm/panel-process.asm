; The process picture. Tanks and pipes are drawn again only when their level (in pixels), state or motion has changed.
FEED_HEIGHT     equ 80          ; pixels of 100 % inside the feed tanks
MIX_X           equ 228
MIX_Y           equ 224
MIX_WIDTH       equ 184
MIX_HEIGHT      equ 156
MIX_BOTTOM      equ MIX_Y+MIX_HEIGHT-2
IMPELLER_Y      equ 338

process_static:
        LABEL 28, 66, font_bold, C_MUTED, "PROCESS"
        LABEL 58, 84, font_bold, C_TEXT, "TK-101"
        LABEL 114, 84, font_small, C_MUTED, "Base A"
        LABEL 522, 84, font_bold, C_TEXT, "TK-102"
        LABEL 578, 84, font_small, C_MUTED, "Base B"
        LABEL 352, 106, font_bold, C_TEXT, "M-101"
        LABEL_CENTRE 186, 217, font_small, C_MUTED, "V-101"
        LABEL_CENTRE 454, 217, font_small, C_MUTED, "V-102"
        LABEL_CENTRE 400, 382, font_small, C_MUTED, "V-103"
        LABEL 484, 382, font_small, C_MUTED, "P-104"
        LABEL_RIGHT 650, 382, font_small, C_MUTED, "To filling"
        LABEL 440, 300, font_small, C_MUTED, "E-103"
        RECT 308, 140, 24, 18, C_OUTLINE        ; gear
        RECT 309, 141, 22, 16, C_EQUIPMENT
        RECT 316, 158, 8, 66, C_OUTLINE         ; shaft
        RECT 317, 158, 6, 66, C_EQUIPMENT
        RECT 308, 218, 24, 6, C_OUTLINE         ; stuffing box
        jmp process_labels

equipment_draw:
        call motor_draw
        call feed_a_draw
        call feed_b_draw
        call line_a_draw
        call line_b_draw
        call outlet_draw
        call heater_draw
        jmp mixer_draw

; Motor: grey stopped, green running.
motor_draw:
        mov eax, [motor_on]
        UNLESS_CHANGED_RETURN motor_drawn, eax
        mov edx, C_EQUIPMENT
        mov ecx, C_OUTLINE
        mov ebx, C_TEXT
        mov esi, text_stopped
        mov edi, C_MUTED
        test eax, eax
        jz .colours
        mov edx, C_RUNNING
        mov ecx, C_RUNNING_DARK
        mov ebx, C_WHITE
        mov esi, text_running
        mov edi, C_RUNNING_DARK
.colours:
        ICON 298, 98, ICON_MOTOR_EDGE, ecx
        ICON 298, 98, ICON_MOTOR, edx
        TEXT_CENTRE 321, 113, font_medium, ebx, text_m
        RECT 352, 122, 80, 14, C_PANEL
        TEXT 352, 123, font_small, edi, esi
        MARK 298, 98, 134, 44
        ret

; Tank of given place: liquid up to ECX pixels above its inner bottom, inside the region in [region_...].
%macro VESSEL 5                 ; x, y, width, height, radius
        call region_clip
        BORDERED %1, %2, %3, %4, %5, C_OUTLINE, C_OUTLINE
        ROUND (%1)+2, (%2)+2, (%3)-4, (%4)-4, (%5)-2, C_VESSEL
        mov eax, (%2)+(%4)-2
        sub eax, ecx
        cmp eax, [clip_y0]
        jl %%full
        mov [clip_y0], eax
%%full:
        ROUND (%1)+2, (%2)+2, (%3)-4, (%4)-4, (%5)-2, C_LIQUID
        cmp ecx, 6
        jl %%no_surface
        RECT (%1)+2, eax, (%3)-4, 1, C_SURFACE
%%no_surface:
        call region_clip
%endmacro
region_clip:
        push eax
        mov eax, [region_x0]
        mov [clip_x0], eax
        mov eax, [region_y0]
        mov [clip_y0], eax
        mov eax, [region_x1]
        mov [clip_x1], eax
        mov eax, [region_y1]
        mov [clip_y1], eax
        pop eax
        ret
%macro REGION 4                 ; x, y, width, height
        mov dword [region_x0], %1
        mov dword [region_y0], %2
        mov dword [region_x1], (%1)+(%3)
        mov dword [region_y1], (%2)+(%4)
%endmacro

; EAX tenths of a percent -> ECX pixels of a height.
%macro LEVEL_PIXELS 2
        imul eax, %1, %2
        xor edx, edx
        mov ecx, 1000
        div ecx
        mov ecx, eax
%endmacro

; Feed tanks show whole percents: their level is a stock, not a control.
%macro FEED 4                   ; variable, drawn, x, y
        mov eax, [%1]
        xor edx, edx
        mov ecx, 10
        div ecx
        UNLESS_CHANGED_RETURN %2, eax
        REGION %3, %4, 104, 84
        mov edx, [%1]
        LEVEL_PIXELS edx, FEED_HEIGHT
        VESSEL %3, %4, 104, 84, 14
        UNCLIP
        LABEL (%3)+60, (%4)+38, font_small, C_TEXT, "%"
        NUMBER_RIGHT (%3)+56, (%4)+37, font_bold, C_TEXT, [%2], 0
        MARK %3, %4, 104, 84
        ret
%endmacro
feed_a_draw:
        FEED pv_feed_a, feed_a_drawn, 56, 98
feed_b_draw:
        FEED pv_feed_b, feed_b_drawn, 520, 98

; Horizontal pipe with marks that move when something flows: ESI x, EDI y, ECX length, EAX 0 still, 1 to the right, -1 to the left.
pipe:
        pushad
        mov edx, C_PIPE
        test eax, eax
        jz .body
        mov edx, C_PIPE_FLOW
.body:
        RECT esi, edi, ecx, 8, edx
        test eax, eax
        jz .done
        mov ebx, [motion]
        imul ebx, eax
        and ebx, 3
        shl ebx, 2              ; 0, 4, 8, 12 of a period of 16
        mov [clip_x0], esi
        lea eax, [esi+ecx]
        mov [clip_x1], eax
        add edi, 3
        lea esi, [esi+ebx-16]
        add ecx, 16
.mark:
        RECT esi, edi, 7, 2, C_FLOW_MARK
        add esi, 16
        sub ecx, 16
        jns .mark
        UNCLIP
.done:
        popad
        ret

; A valve on a pipe: ESI, EDI top left of its symbol, EAX open.
valve:
        pushad
        mov ebx, C_VESSEL
        mov ecx, C_OUTLINE
        test eax, eax
        jz .colours
        mov ebx, C_RUNNING
        mov ecx, C_RUNNING_DARK
.colours:
        ICON esi, edi, ICON_VALVE_EDGE, ecx
        ICON esi, edi, ICON_VALVE, ebx
        popad
        ret

; EAX: a key of state %1 (with motion while set), EBX: 2 when control %2 has the focus.
%macro LINE_KEY 2
        xor ebx, ebx
        cmp dword [focus], %2
        jne %%unfocused
        mov ebx, 2
%%unfocused:
        mov eax, [%1]
        test eax, eax
        jz %%still
        mov eax, [motion]
        and eax, 3
        shl eax, 2
        inc eax
%%still:
        or eax, ebx
%endmacro
%macro FOCUS_FRAME 5            ; control, x, y, width, height
        cmp dword [focus], %1
        jne %%no
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        push dword C_FOCUS
        call draw_frame
%%no:
%endmacro

line_a_draw:
        LINE_KEY v101_open, CONTROL_V101
        UNLESS_CHANGED_RETURN line_a_drawn, eax
        mov eax, [v101_open]
        RECT 166, 180, 40, 34, C_PANEL
        mov edx, [pipe_colours+eax*4]
        RECT 104, 182, 8, 16, edx
        RECT 260, 206, 8, 18, edx
        mov esi, 104
        mov edi, 198
        mov ecx, 164
        call pipe
        mov esi, 170
        mov edi, 184
        call valve
        FOCUS_FRAME CONTROL_V101, 166, 180, 40, 34
        MARK 104, 180, 164, 44
        ret

line_b_draw:
        LINE_KEY v102_open, CONTROL_V102
        UNLESS_CHANGED_RETURN line_b_drawn, eax
        mov eax, [v102_open]
        RECT 434, 180, 40, 34, C_PANEL
        mov edx, [pipe_colours+eax*4]
        RECT 568, 182, 8, 16, edx
        RECT 372, 206, 8, 18, edx
        neg eax
        mov esi, 372
        mov edi, 198
        mov ecx, 204
        call pipe
        mov esi, 438
        mov edi, 184
        call valve
        FOCUS_FRAME CONTROL_V102, 434, 180, 40, 34
        MARK 372, 180, 204, 44
        ret

outlet_draw:
        LINE_KEY pump_on, CONTROL_P104
        UNLESS_CHANGED_RETURN outlet_drawn, eax
        mov eax, [pump_on]
        RECT 440, 378, 40, 40, C_PANEL
        mov edx, [pipe_colours+eax*4]
        RECT 316, 380, 8, 20, edx
        mov esi, 316
        mov edi, 398
        mov ecx, 334
        call pipe
        RECT 332, 382, 42, 32, C_PANEL
        push eax
        mov esi, 332            ; a whole number of mark periods from the start
        mov ecx, 42
        call pipe
        mov esi, 337
        mov edi, 384
        call valve
        pop eax
        mov ebx, C_VESSEL
        mov ecx, C_OUTLINE
        test eax, eax
        jz .colours
        mov ebx, C_RUNNING
        mov ecx, C_RUNNING_DARK
.colours:
        ICON 444, 386, ICON_PUMP_EDGE, ecx
        ICON 444, 386, ICON_PUMP, ebx
        ICON 444, 386, ICON_PUMP_ARROW, ecx
        FOCUS_FRAME CONTROL_P104, 440, 378, 40, 40
        MARK 316, 378, 336, 42
        ret

; Heating jacket at the vessel's side.
heater_draw:
        mov eax, [heater_on]
        cmp dword [focus], CONTROL_E103
        jne .key
        or eax, 2
.key:
        UNLESS_CHANGED_RETURN heater_drawn, eax
        RECT 414, 284, 24, 84, C_PANEL
        mov edx, C_EQUIPMENT
        mov ecx, C_OUTLINE
        mov esi, text_off
        mov edi, C_MUTED
        test al, 1
        jz .colours
        mov edx, C_RUNNING
        mov ecx, C_RUNNING_DARK
        mov esi, text_on
        mov edi, C_RUNNING_DARK
.colours:
        ROUND 418, 288, 14, 76, 4, ecx
        ROUND 419, 289, 12, 74, 3, edx
        mov ebx, 298
.fin:
        RECT 421, ebx, 8, 2, ecx
        add ebx, 10
        cmp ebx, 358
        jl .fin
        FOCUS_FRAME CONTROL_E103, 414, 284, 22, 84
        RECT 440, 316, 40, 14, C_PANEL
        TEXT 440, 316, font_bold, edi, esi
        MARK 414, 284, 66, 84
        ret

; Mixing tank: all of it when the level moved by a pixel, else the blades' strip when they turned.
mixer_draw:
        mov edx, [pv_level]
        LEVEL_PIXELS edx, MIX_HEIGHT-4
        xor ebx, ebx
        cmp dword [speed], 0
        je .key
        mov eax, [motion]
        xor edx, edx
        mov ebx, 6
        div ebx
        mov ebx, edx
.key:
        REGION MIX_X, MIX_Y, MIX_WIDTH, MIX_HEIGHT
        cmp ecx, [mixer_drawn]
        jne .draw
        cmp ebx, [blades_drawn]
        je .done
        REGION 268, IMPELLER_Y, 104, 16
.draw:
        mov [mixer_drawn], ecx
        mov [blades_drawn], ebx
        VESSEL MIX_X, MIX_Y, MIX_WIDTH, MIX_HEIGHT, 22
        RECT 317, MIX_Y, 6, IMPELLER_Y-MIX_Y, C_OUTLINE
        RECT 318, MIX_Y, 4, IMPELLER_Y-MIX_Y, C_EQUIPMENT
        mov edx, [blade_widths+ebx*4]
        mov eax, 320
        sub eax, edx
        add edx, edx
        ROUND eax, IMPELLER_Y+3, edx, 10, 3, C_OUTLINE
        ROUND 315, IMPELLER_Y, 10, 16, 3, C_CHOSEN
        LABEL 244, 238, font_bold, C_TEXT, "TK-103"
        UNCLIP
        mov eax, [region_x1]
        sub eax, [region_x0]
        mov edx, [region_y1]
        sub edx, [region_y0]
        MARK [region_x0], [region_y0], eax, edx
.done:
        ret

align 4, db 0
region_x0       dd 0
region_y0       dd 0
region_x1       dd 0
region_y1       dd 0
motor_drawn     dd -1
feed_a_drawn    dd -1
feed_b_drawn    dd -1
line_a_drawn    dd -1
line_b_drawn    dd -1
outlet_drawn    dd -1
heater_drawn    dd -1
mixer_drawn     dd -1
blades_drawn    dd -1
blade_widths    dd 50, 40, 22, 9, 22, 40
pipe_colours    dd C_PIPE, C_PIPE_FLOW
text_m          db "M", 0
text_running    db "Running", 0
text_stopped    db "Stopped", 0
text_on         db "ON", 0
text_off        db "OFF", 0
