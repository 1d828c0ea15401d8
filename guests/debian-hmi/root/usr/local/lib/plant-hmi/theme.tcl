# Colours and fonts. As in ANSI/ISA-101: what is normal is grey, colour means that somebody should look.

namespace eval theme {
    variable color
    array set color {
        page #c9ced3      panel #dde1e5    line #8d979f     text #1d272e     soft #56636c
        head #26343e      headText #f2f5f7 headSoft #a9b8c3
        vessel #f1f3f5    fluid #6f9dbb    pipe #a3adb5     flowing #5f8fb0
        running #2f8f57   stopped #f1f3f5  trip #c62828
        urgent #c62828    high #e0a100     note #6b7b88     ok #2f8f57
        trend0 #1f6fa8    trend1 #a8541f   trend2 #4b7f3a   grid #c4cbd1
        field #ffffff     button #eceff1
    }
    variable fonts {
        title {-size 17 -weight bold}   head {-size 11 -weight bold}  body {-size 10}
        small {-size 9}                 value {-size 12 -weight bold} big {-size 15 -weight bold}
    }
    # Pixels instead of points: the picture is the same on every screen.
    foreach {name options} $fonts {
        set size [dict get $options -size]
        dict set options -size [expr {-int($size * 1.3)}]
        font create $name -family {DejaVu Sans} {*}$options
    }
    font create number -family {DejaVu Sans Mono} -size -15 -weight bold

    proc of {name} { variable color; return $color($name) }
}
