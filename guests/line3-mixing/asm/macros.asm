; Calls with their arguments, colours and other words that all parts share.
; Drawing routines take their arguments on the stack, remove them and preserve every register.

%macro RECT 5                   ; x, y, width, height, colour
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        call fill_rect
%endmacro
%macro ROUND 6                  ; x, y, width, height, radius, colour
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        push dword %6
        call round_rect
%endmacro
%macro BORDERED 7               ; x, y, width, height, radius, border colour, fill colour: numbers only
        ROUND %1, %2, %3, %4, %5, %6
        ROUND (%1)+1, (%2)+1, (%3)-2, (%4)-2, (%5)-1, %7
%endmacro
%macro TEXT 5                   ; x, y of a capital's top left, font, colour, address
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        call draw_text
%endmacro
%macro TEXT_RIGHT 5             ; the same, x is the right end
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        call draw_text_right
%endmacro
%macro TEXT_CENTRE 5            ; the same, x is the middle
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        push dword %5
        call draw_text_centre
%endmacro
%macro LABEL 5                  ; x, y, font, colour, "text"
        TEXT %1, %2, %3, %4, %%text
        jmp %%over
%%text: db %5, 0
%%over:
%endmacro
%macro LABEL_RIGHT 5
        TEXT_RIGHT %1, %2, %3, %4, %%text
        jmp %%over
%%text: db %5, 0
%%over:
%endmacro
%macro LABEL_CENTRE 5
        TEXT_CENTRE %1, %2, %3, %4, %%text
        jmp %%over
%%text: db %5, 0
%%over:
%endmacro
%macro ICON 4                   ; x, y, code, colour
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        call draw_icon
%endmacro
%macro NUMBER_AT 6              ; x, y, font, colour, value, decimals: left aligned
        push dword %5
        push dword %6
        call format_number
        TEXT %1, %2, %3, %4, number_text
%endmacro
%macro NUMBER_RIGHT 6           ; x of the right end, y, font, colour, value, decimals
        push dword %5
        push dword %6
        call format_number
        TEXT_RIGHT %1, %2, %3, %4, number_text
%endmacro
%macro CLIP 4                   ; x0, y0, x1, y1 (the last ones outside)
        mov dword [clip_x0], %1
        mov dword [clip_y0], %2
        mov dword [clip_x1], %3
        mov dword [clip_y1], %4
%endmacro
%macro UNCLIP 0
        CLIP 0, 0, SCREEN_WIDTH, SCREEN_HEIGHT
%endmacro
%macro MARK 4                   ; x, y, width, height: is to reach the screen
        push dword %1
        push dword %2
        push dword %3
        push dword %4
        call mark_dirty
%endmacro
; Leaves the routine when the value (a register) is the one it was drawn with last time; else remembers it.
%macro UNLESS_CHANGED_RETURN 2  ; variable, register
        cmp [%1], %2
        jne %%changed
        ret
%%changed:
        mov [%1], %2
%endmacro

; Colours: grey for what is normal, colour for what means something (ISA-101).
C_WINDOW        equ 0xC6CACE
C_PANEL         equ 0xDCDFE2
C_BORDER        equ 0xA4AAB0
C_INSET         equ 0xEDEFF1
C_GRID          equ 0xD3D7DB
C_HEADER        equ 0x343B43
C_HEADER_TEXT   equ 0xF2F4F5
C_HEADER_MUTED  equ 0xA9B2BB
C_TEXT          equ 0x1E242A
C_MUTED         equ 0x59626B
C_EQUIPMENT     equ 0xB3B9BF
C_OUTLINE       equ 0x6B737B
C_VESSEL        equ 0xF1F2F3
C_LIQUID        equ 0x93A9BC
C_SURFACE       equ 0x5F7C96
C_PIPE          equ 0xA6ADB4
C_PIPE_FLOW     equ 0x5F7C96
C_FLOW_MARK     equ 0xDCE6EE
C_RUNNING       equ 0x2B9348
C_RUNNING_DARK  equ 0x1C6B33
C_BUTTON        equ 0xECEEF0
C_BUTTON_EDGE   equ 0x868D95
C_BUTTON_DOWN   equ 0xB9BFC5
C_CHOSEN        equ 0x4A5560
C_FOCUS         equ 0x1565C0
C_NORMAL_BAND   equ 0xC3CBD2
C_P1            equ 0xC8102E
C_P2            equ 0xE07B00
C_P3            equ 0xC9A400
C_PEN_LEVEL     equ 0x1F5FA8
C_PEN_HEAT      equ 0x8E3B8A
C_PEN_SPEED     equ 0x14776B
C_WHITE         equ 0xFFFFFF

ICON_VALVE_EDGE equ 32
ICON_VALVE      equ 33
ICON_PUMP_EDGE  equ 34
ICON_PUMP       equ 35
ICON_PUMP_ARROW equ 36
ICON_PLAY       equ 37
ICON_STOP       equ 38
ICON_DONE       equ 39
ICON_P1         equ 40
ICON_LAMP       equ 43
ICON_LAMP_OFF   equ 44
ICON_SCALE_LEFT equ 45
ICON_SCALE_RIGHT equ 46
ICON_FLOW       equ 47
ICON_MOTOR_EDGE equ 48
ICON_MOTOR      equ 49

CHAR_DEGREE     equ 127
CHAR_DOT        equ 128
CHAR_DASH       equ 129
CHAR_TIMES      equ 131
