# Trend of the last five minutes: one sample a second, three curves, oldest at the left.

namespace eval trend {
    variable c .main.trend
    variable WIDTH 664
    variable HEIGHT 232
    variable LEFT 40
    variable RIGHT 652
    variable TOP 34
    variable BOTTOM 206
    variable SAMPLES 300
    # tag, upper end of the scale, colour
    variable curves {LT-201 100 trend0  LT-202 100 trend1  FT-202 300 trend2}
    variable samples
    array set samples {LT-201 {} LT-202 {} FT-202 {}}

    proc make {} {
        variable c; variable WIDTH; variable HEIGHT; variable LEFT; variable RIGHT; variable TOP; variable BOTTOM; variable curves
        canvas $c -width $WIDTH -height $HEIGHT -bg [theme::of panel] -highlightthickness 0
        $c create rectangle $LEFT $TOP $RIGHT $BOTTOM -fill [theme::of field] -outline [theme::of line]
        foreach part {0 25 50 75 100} {
            set y [expr {$BOTTOM - ($BOTTOM - $TOP) * $part / 100.0}]
            if {$part % 100} { $c create line $LEFT $y $RIGHT $y -fill [theme::of grid] -dash {3 3} }
            $c create text [expr {$LEFT - 6}] $y -anchor e -text $part -font small -fill [theme::of soft]
        }
        foreach minute {1 2 3 4} {
            set x [expr {$RIGHT - ($RIGHT - $LEFT) * $minute / 5.0}]
            $c create line $x $TOP $x $BOTTOM -fill [theme::of grid] -dash {3 3}
            $c create text $x [expr {$BOTTOM + 13}] -text "-$minute min" -font small -fill [theme::of soft]
        }
        $c create text $RIGHT [expr {$BOTTOM + 13}] -anchor e -text now -font small -fill [theme::of soft]
        $c create text 12 16 -anchor w -text Trend -font head -fill [theme::of text]
        set x 210
        foreach {tag top color} $curves title {{T-201 level %} {T-202 level %} {Main flow, 0-300 m³/h}} {
            $c create line $x 16 [expr {$x + 22}] 16 -width 3 -fill [theme::of $color]
            $c create text [expr {$x + 28}] 16 -anchor w -text $title -font small -fill [theme::of text]
            incr x 146
            $c create line 0 0 0 0 -width 2 -fill [theme::of $color] -tags curve.$tag -state hidden
        }
        return $c
    }

    proc sample {} {
        variable curves; variable samples; variable SAMPLES
        foreach {tag - -} $curves { set samples($tag) [lrange [linsert $samples($tag) end $::process::value($tag)] end-[expr {$SAMPLES - 1}] end] }
    }

    proc show {} {
        variable c; variable curves; variable samples; variable SAMPLES; variable LEFT; variable RIGHT; variable TOP; variable BOTTOM
        foreach {tag top -} $curves {
            set count [llength $samples($tag)]
            if {$count < 2} continue
            set step [expr {($RIGHT - $LEFT) / double($SAMPLES - 1)}]
            set x [expr {$RIGHT - ($count - 1) * $step}]
            set points {}
            foreach y $samples($tag) {
                lappend points [expr {round($x)}] [expr {round($BOTTOM - ($BOTTOM - $TOP) * [process::bounded $y 0 $top] / double($top))}]
                set x [expr {$x + $step}]
            }
            $c coords curve.$tag $points
            $c itemconfigure curve.$tag -state normal
        }
    }
}
