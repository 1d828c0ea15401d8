# The picture of the process. Everything is drawn once; `mimic::show` changes only what has changed.

namespace eval mimic {
    variable c .main.mimic
    variable shown
    array set shown {}
    variable angle 0

    proc make {} {
        variable c
        canvas $c -width 664 -height 430 -bg [theme::of panel] -highlightthickness 0
        pipes
        vessel T-201 90 160 120 170 {Reservoir T-201} LT-201 186
        vessel T-202 508 74 110 170 {Tower T-202} LT-202 -13
        # The tower stands on legs.
        foreach x {528 598} { $c create line $x 244 [expr {$x + ($x < 560 ? -8 : 8)}] 346 -width 5 -fill [theme::of line] }
        $c create line 523 300 603 300 -width 3 -fill [theme::of line]
        valve 46 110
        pump A 330 172
        pump B 330 300
        field FT-201 14 40 {Inlet FT-201} m³/h
        field FT-202 410 380 {Main FT-202} m³/h
        field FT-203 556 380 {Town FT-203} m³/h
        field PT-202 404 40 {Pressure PT-202} bar
        return $c
    }

    proc pipes {} {
        variable c
        foreach {tag points} {
            inlet   {0 110 150 110 150 160}
            suction {210 300 262 300 262 172 300 172}
            suctionB {262 300 300 300}
            mainA   {360 172 430 172}
            mainB   {360 300 430 300 430 172}
            main    {430 172 430 114 508 114}
            town    {563 244 563 330 664 330}
        } { $c create line $points -width 9 -fill [theme::of pipe] -joinstyle miter -tags [list pipe pipe.$tag] }
    }

    proc vessel {name x y w h title tag titleAt} {
        variable c
        set right [expr {$x + $w}]; set bottom [expr {$y + $h}]
        $c create rectangle $x $y $right $bottom -fill [theme::of vessel] -outline [theme::of text] -width 2
        $c create rectangle [expr {$x + 2}] $bottom [expr {$right - 1}] [expr {$bottom - 1}] -fill [theme::of fluid] -width 0 -tags fluid.$tag
        foreach part {25 50 75} {
            set at [expr {$bottom - $h * $part / 100.0}]
            $c create line [expr {$right - 10}] $at $right $at -fill [theme::of text]
        }
        $c create text [expr {$x + $w / 2}] [expr {$y + $titleAt}] -text $title -font head -fill [theme::of text]
        set cx [expr {$x + $w / 2}]; set cy [expr {$y + $h / 2}]
        $c create rectangle [expr {$cx - 42}] [expr {$cy - 14}] [expr {$cx + 42}] [expr {$cy + 14}] -fill [theme::of field] -outline [theme::of line]
        $c create text [expr {$cx + 36}] $cy -anchor e -font number -fill [theme::of text] -tags text.$tag
        variable vessels; dict set vessels $tag [list $x $y $w $h]
    }

    proc valve {x y} {
        variable c
        $c create polygon [expr {$x - 16}] [expr {$y - 12}] [expr {$x + 16}] [expr {$y + 12}] [expr {$x + 16}] [expr {$y - 12}] [expr {$x - 16}] [expr {$y + 12}] \
            -fill [theme::of field] -outline [theme::of text] -width 2 -tags valve
        $c create line $x $y $x [expr {$y - 20}] -width 2 -fill [theme::of text]
        $c create text $x [expr {$y + 26}] -text FCV-201 -font small -fill [theme::of soft]
        $c create text $x [expr {$y + 43}] -font value -fill [theme::of text] -tags text.FCV-201
    }

    proc pump {name x y} {
        variable c
        $c create oval [expr {$x - 32}] [expr {$y - 32}] [expr {$x + 32}] [expr {$y + 32}] -fill [theme::of stopped] -outline [theme::of text] -width 2 -tags pump.$name
        for {set blade 0} {$blade < 3} {incr blade} { $c create line $x $y $x $y -width 5 -capstyle round -fill [theme::of text] -tags blade.$name.$blade }
        $c create oval [expr {$x - 6}] [expr {$y - 6}] [expr {$x + 6}] [expr {$y + 6}] -fill [theme::of text] -width 0
        $c create text $x [expr {$y - 45}] -text P-201$name -font head -fill [theme::of text]
        $c create text $x [expr {$y + 46}] -font small -fill [theme::of soft] -tags text.pump.$name
        variable places; dict set places $name [list $x $y]
        blades $name 0
    }

    proc blades {name turn} {
        variable c; variable places
        lassign [dict get $places $name] x y
        for {set blade 0} {$blade < 3} {incr blade} {
            set a [expr {($turn + 120 * $blade) * 0.0174533}]
            $c coords blade.$name.$blade $x $y [expr {$x + 24 * cos($a)}] [expr {$y + 24 * sin($a)}]
        }
    }

    proc field {tag x y title unit} {
        variable c
        $c create text $x [expr {$y - 12}] -anchor w -text $title -font small -fill [theme::of soft]
        $c create rectangle $x $y [expr {$x + 66}] [expr {$y + 24}] -fill [theme::of field] -outline [theme::of line]
        $c create text [expr {$x + 61}] [expr {$y + 12}] -anchor e -font number -fill [theme::of text] -tags text.$tag
        $c create text [expr {$x + 71}] [expr {$y + 12}] -anchor w -text $unit -font small -fill [theme::of soft]
    }

    # Sets an item's option only when it differs: an unchanged item costs the screen nothing.
    proc put {tag option text} {
        variable c; variable shown
        if {[info exists shown($tag$option)] && $shown($tag$option) eq $text} return
        set shown($tag$option) $text
        $c itemconfigure $tag $option $text
    }

    proc show {} {
        variable c; variable vessels; variable angle; variable shown
        upvar #0 ::process::value v
        foreach tag {LT-201 LT-202} {
            put text.$tag -text [format {%.1f %%} $v($tag)]
            lassign [dict get $vessels $tag] x y w h
            set top [expr {round($y + $h - ($h - 2) * $v($tag) / 100.0)}]
            if {![info exists shown(top$tag)] || $shown(top$tag) != $top} {
                set shown(top$tag) $top
                $c coords fluid.$tag [expr {$x + 2}] $top [expr {$x + $w - 1}] [expr {$y + $h - 1}]
            }
        }
        foreach {tag form} {FT-201 %.0f FT-202 %.0f FT-203 %.0f PT-202 %.2f} { put text.$tag -text [format $form $v($tag)] }
        put text.FCV-201 -text [format {%.0f %%} $v(FCV-201)]
        put valve -fill [theme::of [expr {$v(FCV-201) > 2 ? "flowing" : "field"}]]
        set angle [expr {($angle + 37) % 360}]
        foreach pump {A B} {
            set state [expr {$v($pump.trip) ? "trip" : $v($pump.rpm) > 60 ? "running" : "stopped"}]
            put pump.$pump -fill [theme::of $state]
            put text.pump.$pump -text [format {%d rpm} [expr {round($v($pump.rpm))}]]
            if {$v($pump.rpm) > 60} { blades $pump $angle }
        }
        pipe inlet [expr {$v(FT-201) > 5}]
        pipe suction [expr {$v(A.rpm) > 60}]
        pipe suctionB [expr {$v(B.rpm) > 60}]
        pipe mainA [expr {$v(A.rpm) > 60}]
        pipe mainB [expr {$v(B.rpm) > 60}]
        pipe main [expr {$v(FT-202) > 5}]
        pipe town [expr {$v(FT-203) > 5}]
    }

    proc pipe {tag flows} { put pipe.$tag -fill [theme::of [expr {$flows ? "flowing" : "pipe"}]] }
}
