; Modbus RTU slave, address 3: functions 1-6, 15 and 16 of "MODBUS Application Protocol" V1.1b3, exceptions 1, 2, 3.
; The tables are in registers.asm.
MODBUS_ADDRESS  equ 3
ILLEGAL_FUNCTION equ 1
ILLEGAL_ADDRESS equ 2
ILLEGAL_VALUE   equ 3

modbus_poll:
        cmp dword [modbus_frame_ready], 0
        je .done
        call modbus_frame
        cli
        mov dword [rx_count], 0
        mov dword [modbus_frame_ready], 0
        sti
.done:
        ret

modbus_frame:
        cmp dword [rx_damaged], 0
        jne .bad
        mov ecx, [rx_count]
        cmp ecx, 4
        jb .bad
        sub ecx, 2
        mov esi, MODBUS_RX
        call crc16
        cmp ax, [MODBUS_RX+ecx]
        jne .bad
        mov al, [MODBUS_RX]
        cmp al, MODBUS_ADDRESS
        je .ours
        test al, al             ; broadcast: done, not answered
        jnz .done
.ours:
        inc dword [modbus_frames]
        mov eax, [ticks]
        mov [modbus_last], eax
        mov dword [modbus_seen], 1
        sub ecx, 2              ; length of what follows the function
        mov [request_length], ecx
        mov edi, MODBUS_TX+2
        movzx eax, byte [MODBUS_RX+1]
        mov byte [MODBUS_TX], MODBUS_ADDRESS
        mov [MODBUS_TX+1], al
        cmp eax, 16
        ja .unknown
        call [functions+eax*4]
        test eax, eax
        jz .answer
.exception:
        or byte [MODBUS_TX+1], 0x80
        mov [MODBUS_TX+2], al
        mov edi, MODBUS_TX+3
.answer:
        cmp byte [MODBUS_RX], 0
        je .done
        mov ecx, edi
        sub ecx, MODBUS_TX
        mov esi, MODBUS_TX
        call crc16
        mov [edi], ax
        add ecx, 2
        call uart_send
.done:
        ret
.unknown:
        mov eax, ILLEGAL_FUNCTION
        jmp .exception
.bad:
        inc dword [modbus_errors]
        ret

; AX: CRC (polynomial A001h, start FFFFh) of ECX bytes at ESI. Preserves the rest.
crc16:
        pushad
        mov eax, 0xFFFF
.byte:
        movzx ebx, byte [esi]
        inc esi
        xor eax, ebx
        mov edx, 8
.bit:
        shr eax, 1
        jnc .zero
        xor eax, 0xA001
.zero:
        dec edx
        jnz .bit
        loop .byte
        mov [esp+28], eax
        popad
        ret

; Each function: EDI where the answer goes on; returns EAX zero or an exception code, EDI the answer's end.
; AX: big-endian word at offset %1 of the request after the function.
%macro WORD_OF_REQUEST 2
        movzx %1, word [MODBUS_RX+2+%2]
        xchg al, ah
%endmacro

no_function:
        mov eax, ILLEGAL_FUNCTION
        ret

read_coils:
        mov ebx, coils
        mov edx, COIL_COUNT
        mov esi, 8              ; bytes of a coil's record
        jmp read_bits
read_discrete_inputs:
        mov ebx, discrete_inputs
        mov edx, DISCRETE_COUNT
        mov esi, 4

; EBX table of records of ESI bytes that begin with the address of a dword, EDX their number.
read_bits:
        mov ecx, 2000
        call read_range
        jnz read_end
        imul eax, esi
        add ebx, eax
        lea eax, [ecx+7]
        shr eax, 3
        stosb
        xor eax, eax            ; the byte, and in AH the bit
        mov ah, 1
.bit:
        mov edx, [ebx]
        cmp dword [edx], 0
        je .zero
        or al, ah
.zero:
        add ebx, esi
        add ah, ah
        jnz .more
        stosb
        mov eax, 0x100
.more:
        loop .bit
        cmp ah, 1
        je .whole
        stosb
.whole:
        xor eax, eax
read_end:
        ret

read_holding_registers:
        mov ebx, holding_registers
        mov edx, HOLDING_COUNT
        mov esi, 12
        jmp read_words
read_input_registers:
        mov ebx, input_registers
        mov edx, INPUT_COUNT
        mov esi, 4
read_words:
        mov ecx, 125
        call read_range
        jnz read_end
        imul eax, esi
        add ebx, eax
        lea eax, [ecx+ecx]
        stosb
.next:
        mov edx, [ebx]
        mov eax, [edx]
        xchg al, ah
        stosw
        add ebx, esi
        loop .next
        xor eax, eax
        ret

; Address and number of a read request, ECX its largest number, EDX the table's size -> EAX address, ECX number, Z; or NZ, EAX exception.
read_range:
        cmp dword [request_length], 4
        jne .value
        push ecx
        WORD_OF_REQUEST eax, 2
        pop ecx
        test eax, eax
        jz .value
        cmp eax, ecx
        ja .value
        mov ecx, eax
        WORD_OF_REQUEST eax, 0
        push eax
        add eax, ecx
        cmp eax, edx
        pop eax
        ja .address
        cmp eax, eax
        ret
.value:
        mov eax, ILLEGAL_VALUE
        test eax, eax
        ret
.address:
        mov eax, ILLEGAL_ADDRESS
        test eax, eax
        ret

write_coil:
        cmp dword [request_length], 4
        jne .value
        WORD_OF_REQUEST eax, 2
        mov ecx, eax
        test eax, eax
        jz .legal
        cmp eax, 0xFF00
        jne .value
.legal:
        WORD_OF_REQUEST eax, 0
        cmp eax, COIL_COUNT
        jae .address
        call set_coil
        jmp echo
.value:
        mov eax, ILLEGAL_VALUE
        ret
.address:
        mov eax, ILLEGAL_ADDRESS
        ret

; Coil EAX to ECX (zero or not). Preserves all.
set_coil:
        pushad
        call [coils+eax*8+4]
        popad
        ret

write_register:
        cmp dword [request_length], 4
        jne write_coil.value
        WORD_OF_REQUEST eax, 2
        mov ecx, eax
        WORD_OF_REQUEST eax, 0
        cmp eax, HOLDING_COUNT
        jae write_coil.address
        call register_takes
        jnz write_coil.value
        mov [ebx], ecx
; The answer repeats address and value (or number).
echo:
        mov eax, [MODBUS_RX+2]
        stosd
        xor eax, eax
        ret

; Z: holding register EAX takes the value ECX; EBX its variable.
register_takes:
        lea ebx, [eax+eax*2]
        lea ebx, [holding_registers+ebx*4]
        cmp ecx, [ebx+4]
        jb .no
        cmp ecx, [ebx+8]
        ja .no
        mov ebx, [ebx]
        cmp eax, eax
        ret
.no:
        or ebx, 1
        ret

write_coils:
        cmp dword [request_length], 6
        jb .value
        WORD_OF_REQUEST eax, 2
        mov ecx, eax
        dec eax
        cmp eax, 1968
        jae .value
        lea edx, [ecx+7]
        shr edx, 3
        call byte_count_fits
        jnz .value
        WORD_OF_REQUEST eax, 0
        mov ebx, eax
        add eax, ecx
        cmp eax, COIL_COUNT
        ja .address
        xor esi, esi
.next:
        push ecx
        xor ecx, ecx
        bt [MODBUS_RX+7], esi
        adc ecx, ecx
        mov eax, ebx
        call set_coil
        pop ecx
        inc ebx
        inc esi
        loop .next
        jmp echo
.value:
        mov eax, ILLEGAL_VALUE
        ret
.address:
        mov eax, ILLEGAL_ADDRESS
        ret

; All values are looked at before the first is written.
write_registers:
        cmp dword [request_length], 7
        jb write_coils.value
        WORD_OF_REQUEST eax, 2
        mov edx, eax
        dec eax
        cmp eax, 123
        jae write_coils.value
        push edx
        add edx, edx
        call byte_count_fits
        pop edx
        jnz write_coils.value
        WORD_OF_REQUEST eax, 0
        mov ebp, eax
        add eax, edx
        cmp eax, HOLDING_COUNT
        ja write_coils.address
        mov dword [writing], 0
.walk:
        mov esi, MODBUS_RX+7
        mov eax, ebp
        push edx
.next:
        movzx ecx, word [esi]
        xchg cl, ch
        add esi, 2
        call register_takes
        jnz .refused
        cmp dword [writing], 0
        je .looked
        mov [ebx], ecx
.looked:
        inc eax
        dec edx
        jnz .next
        pop edx
        inc dword [writing]
        cmp dword [writing], 2
        jb .walk
        jmp echo
.refused:
        pop edx
        jmp write_coils.value

; Z: the request's byte count is EDX and the frame has as many bytes. Preserves all.
byte_count_fits:
        push eax
        movzx eax, byte [MODBUS_RX+6]
        cmp eax, edx
        jne .no
        add eax, 5
        cmp eax, [request_length]
.no:
        pop eax
        ret

align 4, db 0
functions:
        dd no_function, read_coils, read_discrete_inputs, read_holding_registers, read_input_registers, write_coil, write_register
        dd no_function, no_function, no_function, no_function, no_function, no_function, no_function, no_function
        dd write_coils, write_registers
request_length  dd 0
writing         dd 0
modbus_frames   dd 0
modbus_errors   dd 0
modbus_last     dd 0
modbus_seen     dd 0
