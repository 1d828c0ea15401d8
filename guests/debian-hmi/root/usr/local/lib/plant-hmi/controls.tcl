# What the operator works with: face plates of the level control and the pumps, and the alarm list.

namespace eval controls {
    variable ROWS 7

    proc make {} {
        frame .side -bg [theme::of page]
        levelPlate .side.level
        pumpPlate .side.a A
        pumpPlate .side.b B
        alarmList .side.alarms
        pack .side.level .side.a .side.b -fill x -pady {0 6}
        pack .side.alarms -fill both -expand 1
        return .side
    }

    proc plate {path title} {
        frame $path -bg [theme::of panel] -padx 10 -pady 7
        label $path.title -text $title -font head -bg [theme::of panel] -fg [theme::of text] -anchor w
        grid $path.title -row 0 -column 0 -columnspan 4 -sticky ew
        grid columnconfigure $path {0 1 2 3} -weight 1 -uniform plate
    }

    proc key {path text command {color button}} {
        button $path -text $text -command $command -font head -bg [theme::of $color] -fg [theme::of text] -relief flat -bd 0 \
            -activebackground white -disabledforeground #9aa4ab -highlightthickness 1 -highlightbackground [theme::of line] -padx 2 -pady 5 -takefocus 1
    }

    proc reading {path row column title} {
        label $path.t$row$column -text $title -font small -bg [theme::of panel] -fg [theme::of soft] -anchor w
        label $path.v$row$column -font number -bg [theme::of panel] -fg [theme::of text] -anchor w -width 7
        grid $path.t$row$column -row $row -column $column -sticky ew
        grid $path.v$row$column -row [expr {$row + 1}] -column $column -sticky ew
        return $path.v$row$column
    }

    proc levelPlate {path} {
        plate $path {LIC-202  Tower level}
        reading $path 1 0 Level
        reading $path 1 1 {Set point}
        reading $path 1 2 {Inlet valve}
        label $path.mode -font head -bg [theme::of panel] -fg [theme::of soft]
        grid $path.mode -row 1 -column 3 -rowspan 2 -sticky e
        key $path.auto AUTO {process::setAuto 1; main::show}
        key $path.manual MANUAL {process::setAuto 0; main::show}
        key $path.less {SP −} {process::moveSetPoint -1; main::show}
        key $path.more {SP +} {process::moveSetPoint 1; main::show}
        key $path.close {VALVE −} {process::moveValve -5; main::show}
        key $path.open {VALVE +} {process::moveValve 5; main::show}
        grid $path.auto $path.manual $path.less $path.more -row 3 -sticky ew -padx 2 -pady {6 2}
        grid $path.close $path.open -row 4 -columnspan 2 -sticky ew -padx 2 -pady 2
        grid configure $path.open -column 2
    }

    proc pumpPlate {path pump} {
        plate $path "P-201$pump  Pump"
        label $path.state -font value -width 9 -bg [theme::of stopped] -fg [theme::of text]
        grid $path.state -row 0 -column 2 -columnspan 2 -sticky e
        reading $path 1 0 Speed
        reading $path 1 1 Winding
        reading $path 1 2 Hours
        key $path.start START [list controls::act start $pump]
        key $path.stop STOP [list controls::act stop $pump]
        key $path.reset RESET [list controls::act clearTrip $pump]
        grid $path.start -row 3 -column 0 -columnspan 2 -sticky ew -padx 2 -pady {6 0}
        grid $path.stop -row 3 -column 2 -sticky ew -padx 2 -pady {6 0}
        grid $path.reset -row 3 -column 3 -sticky ew -padx 2 -pady {6 0}
    }

    proc act {verb pump} { process::$verb $pump; main::show }

    proc alarmList {path} {
        variable ROWS
        frame $path -bg [theme::of panel] -padx 10 -pady 7
        label $path.title -text Alarms -font head -bg [theme::of panel] -fg [theme::of text] -anchor w
        key $path.ack {ACK ALL} {alarms::acknowledgeAll; main::show}
        canvas $path.list -width 300 -height [expr {$ROWS * 24 + 2}] -bg [theme::of field] -highlightthickness 1 -highlightbackground [theme::of line]
        grid $path.title $path.ack -sticky ew
        grid $path.list -columnspan 2 -sticky nsew -pady {6 0}
        grid columnconfigure $path 0 -weight 1
        grid rowconfigure $path 1 -weight 1
        for {set row 0} {$row < $ROWS} {incr row} {
            set y [expr {$row * 24 + 13}]
            $path.list create rectangle 0 [expr {$y - 12}] 400 [expr {$y + 11}] -width 0 -fill {} -tags back$row
            $path.list create rectangle 5 [expr {$y - 7}] 19 [expr {$y + 7}] -width 0 -fill {} -tags mark$row
            $path.list create text 26 $y -anchor w -font small -fill [theme::of soft] -tags time$row
            $path.list create text 86 $y -anchor w -font small -fill [theme::of text] -tags text$row
            $path.list bind back$row <Button-1> [list controls::acknowledgeRow $row]
            $path.list bind text$row <Button-1> [list controls::acknowledgeRow $row]
        }
    }

    proc acknowledgeRow {row} {
        alarms::acknowledge [lindex $alarms::order $row]
        main::show
    }

    proc put {path option text} { if {[$path cget $option] ne $text} { $path configure $option $text } }

    proc show {} {
        upvar #0 ::process::value v
        put .side.level.v10 -text [format {%.1f %%} $v(LT-202)]
        put .side.level.v11 -text [format {%.0f %%} $v(SP-202)]
        put .side.level.v12 -text [format {%.0f %%} $v(FCV-201)]
        put .side.level.mode -text [expr {$v(auto) ? "AUTO" : "MANUAL"}]
        put .side.level.auto -bg [expr {$v(auto) ? "#b9c6cf" : [theme::of button]}]
        put .side.level.manual -bg [expr {$v(auto) ? [theme::of button] : "#f0d488"}]
        foreach key {close open} { put .side.level.$key -state [expr {$v(auto) ? "disabled" : "normal"}] }
        foreach {path pump} {.side.a A .side.b B} {
            put $path.v10 -text [expr {round($v($pump.rpm))}]
            put $path.v11 -text [format {%.0f °C} $v($pump.hot)]
            put $path.v12 -text [format %.0f $v($pump.hours)]
            set state [expr {$v($pump.trip) ? "trip" : $v($pump.rpm) > 60 ? "running" : "stopped"}]
            put $path.state -text [string toupper $state]
            put $path.state -bg [theme::of $state]
            put $path.state -fg [expr {$state eq "stopped" ? [theme::of text] : "white"}]
            put $path.start -state [expr {$v(auto) || $v($pump.trip) ? "disabled" : "normal"}]
            put $path.stop -state [expr {$v(auto) ? "disabled" : "normal"}]
            put $path.reset -state [expr {$v($pump.trip) ? "normal" : "disabled"}]
        }
    }

    # `blink` is 0 or 1: alarms that wait for an acknowledgement change with it.
    proc showAlarms {blink} {
        variable ROWS
        set list .side.alarms.list
        for {set row 0} {$row < $ROWS} {incr row} {
            set tag [lindex $alarms::order $row]
            if {$tag eq ""} { set time ""; set text ""; set mark ""; set back "" } else {
                lassign $alarms::list($tag) time active acknowledged priority text
                set mark [theme::of [lindex {- urgent high note} $priority]]
                set back [expr {!$acknowledged && $blink ? "#f3e3b3" : ""}]
                if {!$active} { append text { — gone}; set mark [theme::of line] }
            }
            foreach {item option wanted} [list mark$row -fill $mark back$row -fill $back time$row -text $time text$row -text $text] {
                if {[$list itemcget $item $option] ne $wanted} { $list itemconfigure $item $option $wanted }
            }
        }
    }
}
