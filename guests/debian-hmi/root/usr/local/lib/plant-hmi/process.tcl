# The simulated process of pumping station PS-2. No Tk in here: `tclsh` runs it too.
#
#   inlet ──FCV-201──► reservoir T-201 ──► P-201A / P-201B ──► tower T-202 ──► town
#
# Levels in per cent, flows in m3/h, pressure in bar, temperatures in degrees Celsius, speeds in rpm.

namespace eval process {
    variable value
    # Stops that protect the pumps, and when a pump may run again.
    variable DRY_RUN 8.0
    variable HOT 95.0
    variable PUMP_FLOW 148.0
    variable NOMINAL_RPM 1480

    proc reset {} {
        variable value
        array set value {
            LT-201 62.0  LT-202 58.0  FT-201 0.0  FT-202 0.0  FT-203 120.0  PT-202 2.1
            FCV-201 45.0  SP-202 60.0  auto 1  time 0
            A.wanted 0  A.rpm 0.0  A.hot 31.0  A.trip 0  A.hours 4127.3
            B.wanted 0  B.rpm 0.0  B.hot 28.0  B.trip 0  B.hours 3980.8
        }
    }

    # One step of `dt` seconds of process time.
    proc step {dt} {
        variable value
        set value(time) [expr {$value(time) + $dt}]
        if {$value(auto)} automatic
        foreach pump {A B} { turn $pump $dt }
        flows
        levels $dt
    }

    # Level control of the tower: one pump below the set point, the other when that is not enough.
    proc automatic {} {
        variable value
        set missing [expr {$value(SP-202) - $value(LT-202)}]
        if {$missing > 3} { set value(A.wanted) 1 }
        if {$missing > 9} { set value(B.wanted) 1 }
        if {$missing < -1} { set value(B.wanted) 0 }
        if {$missing < -4} { set value(A.wanted) 0 }
        # The inlet keeps the reservoir around 60 %.
        set opening [expr {45.0 + 2.5 * (60.0 - $value(LT-201))}]
        set value(FCV-201) [expr {$value(FCV-201) + 0.2 * ([bounded $opening 0 100] - $value(FCV-201))}]
    }

    # A motor speeds up and slows down, and warms with its work.
    proc turn {pump dt} {
        variable value; variable DRY_RUN; variable HOT; variable NOMINAL_RPM
        if {$value(LT-201) < $DRY_RUN || $value($pump.hot) > $HOT} {
            if {$value($pump.wanted)} { set value($pump.trip) 1 }
        }
        if {$value($pump.trip)} { set value($pump.wanted) 0 }
        set goal [expr {$value($pump.wanted) ? $NOMINAL_RPM : 0}]
        set value($pump.rpm) [expr {$value($pump.rpm) + ($goal - $value($pump.rpm)) * [bounded [expr {$dt / 4.0}] 0 1]}]
        if {abs($goal - $value($pump.rpm)) < 4} { set value($pump.rpm) $goal }
        set warm [expr {26.0 + 38.0 * $value($pump.rpm) / $NOMINAL_RPM}]
        set value($pump.hot) [expr {$value($pump.hot) + ($warm - $value($pump.hot)) * $dt / 240.0}]
        if {$value($pump.rpm) > 100} { set value($pump.hours) [expr {$value($pump.hours) + $dt / 3600.0}] }
    }

    proc flows {} {
        variable value; variable PUMP_FLOW; variable NOMINAL_RPM
        set speed [expr {($value(A.rpm) + $value(B.rpm)) / double($NOMINAL_RPM)}]
        # Two pumps on one main give less than twice the flow of one.
        set value(FT-202) [expr {$PUMP_FLOW * ($speed <= 1 ? $speed : 1 + 0.72 * ($speed - 1))}]
        set value(FT-201) [expr {2.9 * $value(FCV-201)}]
        set value(PT-202) [expr {1.2 + 0.021 * $value(LT-202) + 1.5 * pow($value(FT-202) / 250.0, 2)}]
        # A town's day in ten minutes.
        set value(FT-203) [expr {128 + 46 * sin($value(time) / 95.0) + 14 * sin($value(time) / 23.0) + 3 * (rand() - 0.5)}]
    }

    proc levels {dt} {
        variable value
        set value(LT-201) [bounded [expr {$value(LT-201) + ($value(FT-201) - $value(FT-202)) * $dt / 420.0}] 0 100]
        set value(LT-202) [bounded [expr {$value(LT-202) + ($value(FT-202) - $value(FT-203)) * $dt / 420.0}] 0 100]
    }

    # What an operator may do.
    proc start {pump} { variable value; if {!$value(auto) && !$value($pump.trip)} { set value($pump.wanted) 1 } }
    proc stop {pump} { variable value; if {!$value(auto)} { set value($pump.wanted) 0 } }
    proc clearTrip {pump} { variable value; set value($pump.trip) 0 }
    proc setAuto {on} { variable value; set value(auto) $on }
    proc moveSetPoint {by} { variable value; set value(SP-202) [bounded [expr {$value(SP-202) + $by}] 20 90] }
    proc moveValve {by} { variable value; if {!$value(auto)} { set value(FCV-201) [bounded [expr {$value(FCV-201) + $by}] 0 100] } }

    proc bounded {x low high} { expr {$x < $low ? $low : $x > $high ? $high : $x} }

    reset
}
