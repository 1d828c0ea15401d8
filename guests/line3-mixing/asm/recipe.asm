; The batch in AUTO: five steps, each with an end to reach and, one time in three, something that goes wrong.
STEP_IDLE       equ 0
STEP_DOSE_A     equ 1
STEP_DOSE_B     equ 2
STEP_HEAT       equ 3
STEP_MIX        equ 4
STEP_DRAIN      equ 5

; Enters step EAX; one time in three something goes wrong in it (fault_now).
enter_step:
        mov [step], eax
        mov dword [step_time], 0
        mov edx, [level]
        mov [step_level], edx
        mov edx, [temperature]
        mov [step_temperature], edx
        mov dword [fault_now], 0
        call random
        shr eax, 7
        and eax, 0xFFFF
        xor edx, edx
        mov ecx, 3
        div ecx
        test edx, edx
        jnz .well
        mov dword [fault_now], 1
.well:
        ret

step_idle:
        mov eax, STEP_DOSE_A
        jmp enter_step

step_dose_a:
        mov dword [v101_open], 1
        mov eax, [sp_level]     ; A is three fifths of what is added
        imul eax, eax, 1000
        sub eax, HEEL
        imul eax, eax, 3
        xor edx, edx
        mov ecx, 5
        div ecx
        add eax, HEEL
        mov ebx, [level]
        mov ecx, [step_level]
        mov edx, STEP_DOSE_B
        jmp progress

step_dose_b:
        mov dword [v102_open], 1
        mov eax, [sp_level]
        imul eax, eax, 1000
        cmp dword [fault_now], 0
        je .target
        mov eax, [limit_level]  ; the valve closes late
        imul eax, eax, 1000
        add eax, 20000
.target:
        mov ebx, [level]
        mov ecx, [step_level]
        mov edx, STEP_HEAT
        jmp progress

step_heat:
        mov dword [heater_on], 1
        mov eax, [sp_temperature]
        imul eax, eax, 1000
        cmp dword [fault_now], 0
        je .target
        mov eax, [limit_temperature]
        imul eax, eax, 1000
        add eax, 20000
.target:
        mov ebx, [temperature]
        mov ecx, [step_temperature]
        mov edx, STEP_MIX
        jmp progress

step_mix:
        inc dword [step_time]
        mov eax, [temperature]  ; holds the temperature
        mov ecx, [sp_temperature]
        imul ecx, ecx, 1000
        cmp eax, ecx
        jge .warm
        mov dword [heater_on], 1
.warm:
        mov eax, [mix_seconds]
        imul eax, eax, 10
        mov ebx, [step_time]
        xor ecx, ecx
        mov edx, STEP_DRAIN
        jmp progress

step_drain:
        mov dword [drain_on], 1
        mov eax, [step_level]   ; counted downwards
        sub eax, HEEL
        mov ebx, [step_level]
        sub ebx, [level]
        xor ecx, ecx
        mov edx, STEP_DOSE_A
        call progress
        cmp dword [step], STEP_DOSE_A
        jne .done
        inc dword [batches]
.done:
        ret

; Step's progress: EBX on the way from ECX to EAX; there, step EDX begins.
progress:
        cmp ebx, eax
        jge .there
        sub ebx, ecx
        sub eax, ecx
        xchg eax, ebx           ; EAX done, EBX whole
        test eax, eax
        jns .positive
        xor eax, eax
.positive:
        shr eax, 4              ; keeps the product within 32 bits
        shr ebx, 4
        imul eax, eax, 100
        inc ebx
        xor edx, edx
        div ebx
        mov [step_progress], eax
        ret
.there:
        mov dword [step_progress], 0
        mov eax, edx
        jmp enter_step
