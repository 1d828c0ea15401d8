; Alarms in the manner of ISA-18.2: active or returned, acknowledged or not. An alarm leaves the list when it is neither active nor
; unacknowledged.
ALARM_COUNT     equ 5

alarms_check:
        mov ecx, [limit_level]
        lea edx, [ecx-20]
        mov eax, [pv_level]
        mov ebx, 0
        call alarm_above
        mov ecx, [limit_temperature]
        lea edx, [ecx-20]
        mov eax, [pv_temperature]
        mov ebx, 1
        call alarm_above
        mov ecx, [limit_current]
        lea edx, [ecx-5]
        mov eax, [pv_current]
        mov ebx, 2
        call alarm_above
        mov ebx, 3
        mov eax, [pv_feed_a]
        call alarm_feed
        mov ebx, 4
        mov eax, [pv_feed_b]
        call alarm_feed
        xor eax, eax
        xor edx, edx
        mov ecx, ALARM_COUNT-1
.bits:
        add eax, eax
        add edx, edx
        cmp dword [alarm_active+ecx*4], 0
        je .inactive
        inc eax
.inactive:
        cmp dword [alarm_unack+ecx*4], 0
        je .acknowledged
        inc edx
.acknowledged:
        dec ecx
        jns .bits
        mov [alarm_bits], eax
        mov [alarm_unack_bits], edx
        mov [alarm_unacknowledged], edx
        ret

; Alarm EBX: comes when EAX > ECX, goes when EAX < EDX.
alarm_above:
        cmp dword [alarm_active+ebx*4], 0
        jne .active
        cmp eax, ecx
        jg alarm_comes
        ret
.active:
        cmp eax, edx
        jge .done
        mov dword [alarm_active+ebx*4], 0
.done:
        ret

alarm_comes:
        mov dword [alarm_active+ebx*4], 1
        mov dword [alarm_unack+ebx*4], 1
        mov eax, [clock_time]
        mov [alarm_time+ebx*4], eax
        inc dword [alarm_sequence]
        mov eax, [alarm_sequence]
        mov [alarm_order+ebx*4], eax
        ret
; A feed tank below 15 % until it is above 18 % again.
alarm_feed:
        cmp dword [alarm_active+ebx*4], 0
        jne .active
        cmp eax, 150
        jl alarm_comes
        ret
.active:
        cmp eax, 180
        jl .done
        mov dword [alarm_active+ebx*4], 0
.done:
        ret

alarms_acknowledge:
        mov ecx, ALARM_COUNT-1
.next:
        mov dword [alarm_unack+ecx*4], 0
        dec ecx
        jns .next
        mov dword [alarm_unacknowledged], 0
        mov dword [alarm_unack_bits], 0
        ret

; Per alarm: priority (1-3), tag, text.
alarm_kinds:
        dd 2, tag_lah, text_lah
        dd 1, tag_tah, text_tah
        dd 1, tag_iah, text_iah
        dd 3, tag_lal_a, text_lal_a
        dd 3, tag_lal_b, text_lal_b
tag_lah         db "LAH-103", 0
text_lah        db "Mixing tank level high", 0
tag_tah         db "TAH-103", 0
text_tah        db "Mixing tank temperature high", 0
tag_iah         db "IAH-101", 0
text_iah        db "Agitator motor overload", 0
tag_lal_a       db "LAL-101", 0
text_lal_a      db "Feed tank A level low", 0
tag_lal_b       db "LAL-102", 0
text_lal_b      db "Feed tank B level low", 0

align 4, db 0
alarm_active    dd 0, 0, 0, 0, 0
alarm_unack     dd 0, 0, 0, 0, 0
alarm_time      dd 0, 0, 0, 0, 0
alarm_order     dd 0, 0, 0, 0, 0
alarm_sequence  dd 0
alarm_bits      dd 0
alarm_unack_bits dd 0
alarm_unacknowledged dd 0
