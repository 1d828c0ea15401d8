# Alarms: what is watched, and the list of what has happened. No Tk in here.
#
# An alarm is active or gone, acknowledged or not; it leaves the list when it is gone and acknowledged.

namespace eval alarms {
    # tag, expression over process::value, priority (1 urgent, 2 high, 3 note), text
    variable watched {
        LT-202.LL {$v(LT-202) < 20}  1 {Tower T-202 level low-low}
        LT-202.L  {$v(LT-202) < 40}  2 {Tower T-202 level low}
        LT-202.H  {$v(LT-202) > 80}  2 {Tower T-202 level high}
        LT-202.HH {$v(LT-202) > 92}  1 {Tower T-202 level high-high}
        LT-201.L  {$v(LT-201) < 25}  2 {Reservoir T-201 level low}
        LT-201.LL {$v(LT-201) < 8}   1 {Reservoir T-201 dry-run protection}
        LT-201.H  {$v(LT-201) > 90}  2 {Reservoir T-201 level high}
        P-201A.F  {$v(A.trip)}       1 {Pump P-201A tripped}
        P-201B.F  {$v(B.trip)}       1 {Pump P-201B tripped}
        LIC-202.M {!$v(auto)}        3 {Level control in manual}
    }
    # tag -> {time active acknowledged priority text}; `order` has the newest first.
    variable list
    variable order {}
    array set list {}

    # Looks at every watched condition. `now` is a text for people.
    proc look {now} {
        variable watched; variable list; variable order
        upvar #0 ::process::value v
        foreach {tag condition priority text} $watched {
            set active [expr $condition]
            set known [info exists list($tag)]
            if {$active && (!$known || ![lindex $list($tag) 1])} {
                set list($tag) [list $now 1 0 $priority $text]
                set order [linsert [lsearch -all -inline -not -exact $order $tag] 0 $tag]
            } elseif {!$active && $known} {
                lset list($tag) 1 0
                if {[lindex $list($tag) 2]} { remove $tag }
            }
        }
    }

    proc acknowledge {tag} {
        variable list
        if {![info exists list($tag)]} return
        lset list($tag) 2 1
        if {![lindex $list($tag) 1]} { remove $tag }
    }
    proc acknowledgeAll {} { variable order; foreach tag $order { acknowledge $tag } }

    proc remove {tag} {
        variable list; variable order
        unset list($tag)
        set order [lsearch -all -inline -not -exact $order $tag]
    }

    # How many are not acknowledged, and the highest priority among the active ones (0: none).
    proc summary {} {
        variable list
        set open 0; set highest 0
        foreach {tag alarm} [array get list] {
            lassign $alarm - active acknowledged priority
            if {!$acknowledged} { incr open }
            if {$active && $priority < 3 && ($highest == 0 || $priority < $highest)} { set highest $priority }
        }
        return [list $open $highest]
    }
}
