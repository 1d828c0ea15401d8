; From DRAWN to the screen: only what was marked, and of that only pixels that differ from what the screen shows. An idle panel writes nothing.
; The cursor is drawn into the framebuffer alone; SHOWN has what is under it.

mark_dirty:                     ; x, y, width, height
        pushad
        mov ebp, esp
        mov ecx, [dirty_count]
        cmp ecx, DIRTY_COUNT
        jb .room
        call screen_flush       ; full: what there is goes out first
        xor ecx, ecx
.room:
        shl ecx, 4
        mov eax, [ebp+48]
        mov ebx, eax
        add ebx, [ebp+40]
        mov edx, [ebp+44]
        mov esi, edx
        add esi, [ebp+36]
        test eax, eax
        jns .left
        xor eax, eax
.left:
        test edx, edx
        jns .top
        xor edx, edx
.top:
        cmp ebx, SCREEN_WIDTH
        jle .right
        mov ebx, SCREEN_WIDTH
.right:
        cmp esi, SCREEN_HEIGHT
        jle .bottom
        mov esi, SCREEN_HEIGHT
.bottom:
        mov [DIRTY+ecx], eax
        mov [DIRTY+ecx+4], edx
        mov [DIRTY+ecx+8], ebx
        mov [DIRTY+ecx+12], esi
        inc dword [dirty_count]
        popad
        ret 16

screen_flush:
        pushad
        mov eax, [pointer_x]
        cmp eax, [cursor_x]
        jne .cursor_off
        mov eax, [pointer_y]
        cmp eax, [cursor_y]
        jne .cursor_off
        mov ecx, [dirty_count]  ; does anything change under the cursor?
        mov esi, DIRTY
.under:
        dec ecx
        js .rectangles
        mov eax, [cursor_x]
        mov ebx, [cursor_y]
        cmp eax, [esi+8]
        jge .apart
        cmp ebx, [esi+12]
        jge .apart
        add eax, CURSOR_WIDTH
        add ebx, CURSOR_HEIGHT
        cmp eax, [esi]
        jle .apart
        cmp ebx, [esi+4]
        jg .cursor_off
.apart:
        add esi, 16
        jmp .under
.cursor_off:
        call cursor_remove
.rectangles:
        mov ecx, [dirty_count]
        mov esi, DIRTY
.next:
        dec ecx
        js .all
        call copy_changed
        add esi, 16
        jmp .next
.all:
        mov dword [dirty_count], 0
        cmp dword [cursor_shown], 0
        jne .done
        call cursor_draw
.done:
        popad
        ret

; The rectangle at ESI. Preserves all.
copy_changed:
        pushad
        mov ebp, [esi+4]        ; row
.row:
        cmp ebp, [esi+12]
        jge .done
        mov eax, [esi]
        mov ecx, [esi+8]
        sub ecx, eax
        jle .done
        mov ebx, ebp
        shl ebx, 12
        lea ebx, [ebx+eax*4]    ; offset in both pictures
        mov edi, ebp
        imul edi, [screen_pitch]
        lea edi, [edi+eax*4]
        add edi, [screen_address]
        sub edi, ebx            ; screen = EBX + EDI
.pixel:
        mov eax, [DRAWN+ebx]
        cmp eax, [SHOWN+ebx]
        jne .differs
.same:
        add ebx, 4
        dec ecx
        jnz .pixel
        inc ebp
        jmp .row
.differs:
        mov [SHOWN+ebx], eax
        mov [edi+ebx], eax
        jmp .same
.done:
        popad
        ret

; Makes SHOWN differ from DRAWN everywhere, so that the first flush writes every pixel.
screen_forget:
        mov edi, SHOWN
        mov ecx, SCREEN_WIDTH*SCREEN_HEIGHT
        mov eax, 0xFF000000
        rep stosd
        ret

CURSOR_WIDTH    equ 13
CURSOR_HEIGHT   equ 20

; Calls for each cursor pixel on the screen with EAX: character of the shape, EDI: framebuffer address, EDX: offset in SHOWN.
%macro EACH_CURSOR_PIXEL 1
        pushad
        mov esi, cursor_shape
        mov ebp, 0              ; row
%%row:
        cmp ebp, CURSOR_HEIGHT
        jge %%done
        mov eax, [cursor_y]
        add eax, ebp
        cmp eax, SCREEN_HEIGHT
        jge %%done
        mov edx, eax
        shl edx, 12
        imul eax, [screen_pitch]
        add eax, [screen_address]
        mov edi, eax
        mov ecx, [cursor_x]
        lea edi, [edi+ecx*4]
        lea edx, [edx+ecx*4]
        mov ebx, 0
%%pixel:
        cmp ecx, SCREEN_WIDTH
        jge %%skip
        movzx eax, byte [esi+ebx]
        cmp al, ' '
        je %%skip
        call %1
%%skip:
        add edi, 4
        add edx, 4
        inc ecx
        inc ebx
        cmp ebx, CURSOR_WIDTH
        jl %%pixel
        add esi, CURSOR_WIDTH
        inc ebp
        jmp %%row
%%done:
        popad
%endmacro

cursor_draw:
        cmp dword [pointer_known], 0
        je .done
        mov eax, [pointer_x]
        mov [cursor_x], eax
        mov eax, [pointer_y]
        mov [cursor_y], eax
        EACH_CURSOR_PIXEL cursor_put
        mov dword [cursor_shown], 1
.done:
        ret
cursor_put:
        cmp al, '#'
        mov eax, 0x101418
        je .put
        mov eax, 0xFFFFFF
.put:
        mov [edi], eax
        ret

cursor_remove:
        cmp dword [cursor_shown], 0
        je .done
        EACH_CURSOR_PIXEL cursor_clear
        mov dword [cursor_shown], 0
.done:
        ret
cursor_clear:
        mov eax, [SHOWN+edx]
        mov [edi], eax
        ret

cursor_shape:
        db "##           "
        db "#.#          "
        db "#..#         "
        db "#...#        "
        db "#....#       "
        db "#.....#      "
        db "#......#     "
        db "#.......#    "
        db "#........#   "
        db "#.........#  "
        db "#..........# "
        db "#...........#"
        db "#......######"
        db "#...#..#     "
        db "#..# #..#    "
        db "#.#  #..#    "
        db "##    #..#   "
        db "      #..#   "
        db "       #.#   "
        db "        ##   "

align 4, db 0
dirty_count     dd 0
cursor_x        dd 0
cursor_y        dd 0
cursor_shown    dd 0
