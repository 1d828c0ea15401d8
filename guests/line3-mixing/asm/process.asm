; The simulated process: two feed tanks, a heated mixing tank with agitator, a drain pump. Ten steps a second, integers only.
; Units: levels 1/10000 %, temperature 1/10000 degree Celsius, speed 1/100 rpm, current 1/100 A. The pv_ variables are what panel and
; Modbus show: 0.1 %, 0.1 degree, rpm, 0.1 A.
PROCESS_TICKS   equ 10
AMBIENT         equ 220000
HEEL            equ 220000      ; the level that a batch leaves in the mixing tank
AGITATOR_NEEDS  equ 150000      ; below this level the agitator may not run

process_start:
        mov dword [running], 1
        ret
process_stop:
        mov dword [running], 0
        mov dword [manual_v101], 0
        mov dword [manual_v102], 0
        mov dword [manual_drain], 0
        mov dword [manual_heater], 0
        ret

process_poll:
        mov eax, [ticks]
        cmp eax, [process_next]
        js .done
        add dword [process_next], PROCESS_TICKS
        call process_step
        jmp process_poll
.done:
        ret

process_step:
        inc dword [process_steps]
        mov eax, [process_steps]
        xor edx, edx
        mov ecx, 10
        div ecx
        mov [uptime], eax
        call random
        mov dword [v101_open], 0
        mov dword [v102_open], 0
        mov dword [drain_on], 0
        mov dword [heater_on], 0
        mov dword [motor_on], 0
        cmp dword [automatic], 0
        jne .automatic
        mov eax, [manual_v101]
        mov [v101_open], eax
        mov eax, [manual_v102]
        mov [v102_open], eax
        mov eax, [manual_drain]
        mov [drain_on], eax
        mov eax, [manual_heater]
        mov [heater_on], eax
        jmp .outputs
.automatic:
        cmp dword [running], 0
        je .outputs
        mov eax, [step]
        call [steps+eax*4]
.outputs:
        mov eax, [drain_on]
        mov [v103_open], eax
        mov [pump_on], eax
        cmp dword [running], 0
        je .motor_off
        cmp dword [level], AGITATOR_NEEDS
        jl .motor_off
        mov dword [motor_on], 1
.motor_off:
        call move_liquids
        call move_heat
        call turn_agitator
        call publish
        jmp alarms_check

; 32-bit Galois shift register with a fixed seed: each run is the same.
random:
        mov eax, [random_state]
        shr eax, 1
        jnc .even
        xor eax, 0x80200003
.even:
        mov [random_state], eax
        ret

; EAX: noise between -1 and 1, zero while the agitator stands.
noise:
        xor eax, eax
        cmp dword [motor_on], 0
        je .still
        push ecx
        push edx
        call random
        shr eax, 5
        and eax, 0xFFFF
        xor edx, edx
        mov ecx, 3
        div ecx
        lea eax, [edx-1]
        pop edx
        pop ecx
.still:
        ret

; A dosing valve: variable that opens it, feed tank's level, its refilling flag.
%macro DOSE 3
        cmp dword [%1], 0
        je %%closed
        cmp dword [%2], 4000
        jl %%closed
        sub dword [%2], 4000/10
        mov eax, 900
        call add_cold
%%closed:
        cmp dword [%2], 120000  ; the tank farm refills what runs low
        jg %%filled
        mov dword [%3], 1
%%filled:
        cmp dword [%3], 0
        je %%done
        add dword [%2], 300
        cmp dword [%2], 940000
        jl %%done
        mov dword [%3], 0
%%done:
%endmacro

move_liquids:
        DOSE v101_open, feed_a, refill_a
        DOSE v102_open, feed_b, refill_b
        cmp dword [drain_on], 0
        je .no_drain
        sub dword [level], 1500
        jns .no_drain
        mov dword [level], 0
.no_drain:
        mov dword [pv_flow], 0
        cmp dword [drain_on], 0
        je .done
        cmp dword [level], 0
        je .done
        call noise
        add eax, 452            ; 0.1 L/min
        mov [pv_flow], eax
.done:
        ret

; EAX more liquid of ambient temperature in the mixing tank.
add_cold:
        mov ecx, [level]
        add ecx, eax
        cmp ecx, 1000000
        jle .fits
        mov ecx, 1000000
.fits:
        mov [level], ecx
        mov ebx, eax
        mov eax, [temperature]
        sub eax, AMBIENT
        imul ebx
        idiv ecx
        sub [temperature], eax
        ret

move_heat:
        cmp dword [heater_on], 0
        je .off
        cmp dword [temperature], 980000
        jge .off
        add dword [temperature], 950
.off:
        mov eax, [temperature]
        sub eax, AMBIENT
        cdq
        mov ecx, 8000
        idiv ecx
        sub [temperature], eax
        ret

; Speed follows the setpoint by 30 rpm a second; load grows with speed and level. A thick batch (fault in the mixing step) adds to it,
; and the drive then gives way a little.
turn_agitator:
        xor ecx, ecx
        cmp dword [motor_on], 0
        je .target
        mov ecx, [sp_speed]
        imul ecx, ecx, 100
        cmp dword [thick], 300
        jl .target
        mov eax, ecx
        shr eax, 3
        sub ecx, eax
.target:
        mov eax, [speed]
        sub ecx, eax
        cmp ecx, 300
        jle .not_faster
        mov ecx, 300
.not_faster:
        cmp ecx, -300
        jge .not_slower
        mov ecx, -300
.not_slower:
        add [speed], ecx
        cmp dword [step], STEP_MIX
        jne .thin
        cmp dword [fault_now], 0
        je .thin
        cmp dword [step_time], 60
        jl .thin
        cmp dword [step_time], 220
        jg .thin
        cmp dword [thick], 620
        jge .current
        add dword [thick], 20
        jmp .current
.thin:
        sub dword [thick], 20
        jns .current
        mov dword [thick], 0
.current:
        xor ebx, ebx
        cmp dword [speed], 0
        je .set
        mov eax, [speed]
        xor edx, edx
        mov ecx, 100
        div ecx
        mov ebx, eax            ; rpm
        mov eax, [level]
        xor edx, edx
        mov ecx, 10000
        div ecx
        imul eax, ebx           ; rpm x %
        xor edx, edx
        mov ecx, 50
        div ecx
        lea ebx, [ebx+eax+150]
        add ebx, [thick]
.set:
        mov [current], ebx
        ret

; pv <- value / divisor, and noise where the agitator stirs.
%macro PUBLISH 3
        mov eax, [%2]
        xor edx, edx
        mov ecx, %3
        div ecx
        mov [%1], eax
%endmacro
publish:
        PUBLISH pv_level, level, 1000
        PUBLISH pv_temperature, temperature, 1000
        PUBLISH pv_speed, speed, 100
        PUBLISH pv_current, current, 10
        PUBLISH pv_feed_a, feed_a, 1000
        PUBLISH pv_feed_b, feed_b, 1000
        cmp dword [motor_on], 0
        je .done
        mov eax, [process_steps] ; instruments report twice a second
        xor edx, edx
        mov ecx, 5
        div ecx
        test edx, edx
        jnz .hold
        call noise
        mov [noise_level], eax
        call noise
        mov [noise_speed], eax
        call noise
        mov [noise_current], eax
.hold:
        mov eax, [noise_level]
        add [pv_level], eax
        cmp dword [pv_speed], 50
        jb .done
        mov eax, [noise_speed]
        add [pv_speed], eax
        mov eax, [noise_current]
        add [pv_current], eax
.done:
        ret

align 4, db 0
steps           dd step_idle, step_dose_a, step_dose_b, step_heat, step_mix, step_drain
process_next    dd 0
process_steps   dd 0
uptime          dd 0
random_state    dd 0x4C334D58
running         dd 0
automatic       dd 1
manual_v101     dd 0
manual_v102     dd 0
manual_drain    dd 0
manual_heater   dd 0
motor_on        dd 0
pump_on         dd 0
v101_open       dd 0
v102_open       dd 0
v103_open       dd 0
drain_on        dd 0
heater_on       dd 0
level           dd 262000
temperature     dd AMBIENT
speed           dd 0
current         dd 0
thick           dd 0
feed_a          dd 864000
feed_b          dd 417000
refill_a        dd 0
refill_b        dd 0
step            dd STEP_IDLE
step_time       dd 0
step_level      dd 0
step_temperature dd 0
step_progress   dd 0
batches         dd 0
fault_now       dd 0
pv_level        dd 262
pv_temperature  dd 220
pv_speed        dd 0
pv_current      dd 0
pv_flow         dd 0
pv_feed_a       dd 864
pv_feed_b       dd 417
noise_level     dd 0
noise_speed     dd 0
noise_current   dd 0
sp_level        dd 780
sp_temperature  dd 600
sp_speed        dd 240
mix_seconds     dd 30
limit_level     dd 850
limit_temperature dd 720
limit_current   dd 100
