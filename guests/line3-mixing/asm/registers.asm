; The Modbus tables. Addresses count from 0 in the order of the lines; src/register-map.ts and REGISTERS.md say the same (a test compares).
; A bit reads as 1 when its variable is not zero.

%macro COIL 2                   ; variable, what a write does (ECX: zero or not)
        dd %1, %2
%endmacro
%macro DISCRETE 1               ; variable
        dd %1
%endmacro
%macro INPUT 1                  ; variable
        dd %1
%endmacro
%macro HOLDING 3                ; variable, least, largest
        dd %1, %2, %3
%endmacro

align 4, db 0
coils:
        COIL running, coil_start
        COIL zero, coil_stop
        COIL automatic, coil_automatic
        COIL zero, coil_acknowledge
        COIL zero, coil_clear_marks
        COIL manual_v101, coil_v101
        COIL manual_v102, coil_v102
        COIL manual_drain, coil_drain
        COIL manual_heater, coil_heater
COIL_COUNT equ ($-coils)/8

discrete_inputs:
        DISCRETE motor_on
        DISCRETE pump_on
        DISCRETE v101_open
        DISCRETE v102_open
        DISCRETE v103_open
        DISCRETE heater_on
        DISCRETE automatic
        DISCRETE running
        DISCRETE alarm_active
        DISCRETE alarm_active+4
        DISCRETE alarm_active+8
        DISCRETE alarm_active+12
        DISCRETE alarm_active+16
        DISCRETE alarm_unacknowledged
        DISCRETE pointer_is_absolute
        DISCRETE pointer_button
DISCRETE_COUNT equ ($-discrete_inputs)/4

input_registers:
        INPUT pv_level
        INPUT pv_temperature
        INPUT pv_speed
        INPUT pv_current
        INPUT pv_flow
        INPUT pv_feed_a
        INPUT pv_feed_b
        INPUT step
        INPUT step_progress
        INPUT batches
        INPUT alarm_bits
        INPUT alarm_unack_bits
        INPUT corner_marks
        INPUT pointer_x
        INPUT pointer_y
        INPUT pointer_clicks
        INPUT uptime
        INPUT uptime+2
        INPUT modbus_frames
        INPUT modbus_errors
        INPUT last_key
INPUT_COUNT equ ($-input_registers)/4

holding_registers:
        HOLDING sp_level, 300, 900
        HOLDING sp_temperature, 250, 800
        HOLDING sp_speed, 60, 480
        HOLDING mix_seconds, 5, 600
        HOLDING limit_level, 500, 980
        HOLDING limit_temperature, 300, 950
        HOLDING limit_current, 50, 250
        HOLDING scratch, 0, 65535
HOLDING_COUNT equ ($-holding_registers)/12

coil_start:
        test ecx, ecx
        jnz process_start
        ret
coil_stop:
        test ecx, ecx
        jnz process_stop
        ret
coil_automatic:
        cmp ecx, 1
        sbb eax, eax
        inc eax
        mov [automatic], eax
        ret
coil_acknowledge:
        test ecx, ecx
        jnz alarms_acknowledge
        ret
coil_clear_marks:
        test ecx, ecx
        jz .no
        mov dword [corner_marks], 0
.no:
        ret
coil_v101:
        mov edx, manual_v101
        jmp coil_manual
coil_v102:
        mov edx, manual_v102
        jmp coil_manual
coil_drain:
        mov edx, manual_drain
        jmp coil_manual
coil_heater:
        mov edx, manual_heater
; Single drives are switched in MANUAL only; in AUTO the write has no effect.
coil_manual:
        cmp dword [automatic], 0
        jne .no
        cmp ecx, 1
        sbb eax, eax
        inc eax
        mov [edx], eax
.no:
        ret

zero            dd 0
scratch         dd 0
