; Trend of level, temperature and speed over five minutes: a sample every two seconds, three pixels wide.
TREND_COUNT     equ 150
TREND_TICKS     equ 200
TREND_X         equ 58
TREND_Y         equ 482
TREND_WIDTH     equ 450
TREND_HEIGHT    equ 200
TREND_STEP      equ 3

trend_static:
        LABEL 28, 450, font_bold, C_MUTED, "TREND"
        RECT 104, 454, 14, 3, C_PEN_LEVEL
        LABEL 124, 450, font_small, C_TEXT, "Level %"
        RECT 204, 454, 14, 3, C_PEN_HEAT
        TEXT 224, 450, font_small, C_TEXT, pen_temperature
        RECT 366, 454, 14, 3, C_PEN_SPEED
        LABEL 386, 450, font_small, C_TEXT, "Agitator rpm"
        RECT TREND_X-1, TREND_Y-1, TREND_WIDTH+2, TREND_HEIGHT+2, C_BORDER
        xor ecx, ecx            ; 0, 20 ... 100 % on the left, 0, 100 ... 500 rpm on the right
        mov edi, TREND_Y+TREND_HEIGHT-5
.scale:
        imul eax, ecx, 20
        NUMBER_RIGHT TREND_X-7, edi, font_small, C_MUTED, eax, 0
        imul eax, ecx, 100
        NUMBER_AT TREND_X+TREND_WIDTH+7, edi, font_small, C_PEN_SPEED, eax, 0
        sub edi, TREND_HEIGHT/5
        inc ecx
        cmp ecx, 5
        jbe .scale
        LABEL 52, 692, font_small, C_MUTED, "-5 min"
        LABEL_CENTRE 148, 692, font_small, C_MUTED, "-4"
        LABEL_CENTRE 238, 692, font_small, C_MUTED, "-3"
        LABEL_CENTRE 328, 692, font_small, C_MUTED, "-2"
        LABEL_CENTRE 418, 692, font_small, C_MUTED, "-1"
        LABEL_CENTRE 504, 692, font_small, C_MUTED, "now"
        ret

; The newest sample goes to the end; all others move one to the left.
trend_sample:
        mov dword [trend_stale], 1
        cmp dword [trend_filled], TREND_COUNT
        jb .room
        cld
        mov edi, TREND_SAMPLES
        mov esi, TREND_SAMPLES+12
        mov ecx, (TREND_COUNT-1)*3
        rep movsd
        dec dword [trend_filled]
.room:
        mov eax, [trend_filled]
        inc dword [trend_filled]
        lea eax, [eax+eax*2]
        lea edi, [TREND_SAMPLES+eax*4]
        mov eax, [pv_level]
        imul eax, eax, TREND_HEIGHT*256*10/1000
        call .store
        mov eax, [pv_temperature]
        imul eax, eax, TREND_HEIGHT*256*10/1000
        call .store
        mov eax, [pv_speed]
        imul eax, eax, TREND_HEIGHT*256*10/500
; Kept as 1/256 pixel rows from the picture's top (the factors above are tenths).
.store:
        xor edx, edx
        mov ecx, 10
        div ecx
        neg eax
        add eax, (TREND_Y+TREND_HEIGHT)*256
        stosd
        ret

trend_draw:
        cmp dword [trend_stale], 0
        je .done
        mov dword [trend_stale], 0
        RECT TREND_X, TREND_Y, TREND_WIDTH, TREND_HEIGHT, C_INSET
        mov ecx, TREND_Y+TREND_HEIGHT/5
.horizontal:
        RECT TREND_X, ecx, TREND_WIDTH, 1, C_GRID
        add ecx, TREND_HEIGHT/5
        cmp ecx, TREND_Y+TREND_HEIGHT
        jl .horizontal
        mov ecx, TREND_X+90
.vertical:
        RECT ecx, TREND_Y, 1, TREND_HEIGHT, C_GRID
        add ecx, 90
        cmp ecx, TREND_X+TREND_WIDTH
        jl .vertical
        CLIP TREND_X, TREND_Y, TREND_X+TREND_WIDTH, TREND_Y+TREND_HEIGHT
        mov esi, TREND_SAMPLES+8
        mov ebx, C_PEN_SPEED
        call trend_pen
        mov esi, TREND_SAMPLES+4
        mov ebx, C_PEN_HEAT
        call trend_pen
        mov esi, TREND_SAMPLES
        mov ebx, C_PEN_LEVEL
        call trend_pen
        UNCLIP
        MARK TREND_X, TREND_Y, TREND_WIDTH, TREND_HEIGHT
.done:
        ret

; One pen: ESI its first sample, EBX colour. Between two samples the line goes straight; each column is a span as high as the line is thick.
trend_pen:
        mov ecx, [trend_filled]
        dec ecx
        jz .done
        imul edi, ecx, TREND_STEP
        neg edi
        add edi, TREND_X+TREND_WIDTH
.pair:
        mov ebp, [esi]          ; here
        mov eax, [esi+12]
        sub eax, ebp
        cdq
        push ecx
        mov ecx, TREND_STEP
        idiv ecx
        pop ecx
        mov edx, eax            ; a column's rise
        push ecx
        mov ecx, TREND_STEP
.column:
        mov eax, ebp
        add ebp, edx
        push ebp
        cmp eax, ebp
        jle .ordered
        xchg eax, ebp
.ordered:
        sub eax, 208            ; half the line's thickness
        add ebp, 208
        push edi
        push eax
        push ebp
        push ebx
        call draw_span
        pop ebp
        inc edi
        loop .column
        pop ecx
        add esi, 12
        loop .pair
.done:
        ret

align 4, db 0
trend_filled    dd 0
trend_stale     dd 0
trend_next      dd TREND_TICKS
pen_temperature db "Temperature ", CHAR_DEGREE, "C", 0
