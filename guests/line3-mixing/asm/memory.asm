; Where things are. Everything not named here is inside the image, at 10000h and up.
;
;   00500-0FFFF  free; VBE's answers while starting
;   10000-7FFFF  this program
;   100000       interrupt descriptor table and buffers
;   1FFFF0       stack, downwards
;   200000       picture being drawn, 1024x768x32
;   500000       picture as the screen shows it (without cursor)
LOAD            equ 0x10000
VBE_INFO        equ 0x5000      ; 512 bytes
VBE_MODE        equ 0x5200      ; 256 bytes

IDT             equ 0x100000    ; 256 gates of 8 bytes
EVENTS          equ 0x101000    ; ring of EVENT_COUNT events of 16 bytes
EVENT_COUNT     equ 128
MODBUS_RX       equ 0x102000    ; 256 bytes
MODBUS_TX       equ 0x102200    ; 256 bytes and room
TREND_SAMPLES   equ 0x103000    ; TREND_COUNT records of 3 dwords: level, temperature, speed
DIRTY           equ 0x105000    ; DIRTY_COUNT rectangles of 4 dwords: x0, y0, x1, y1
DIRTY_COUNT     equ 64
STACK_TOP       equ 0x1FFFF0
DRAWN           equ 0x200000
SHOWN           equ 0x500000
MEMORY_NEEDED   equ 0x800000

SCREEN_WIDTH    equ 1024
SCREEN_HEIGHT   equ 768
PITCH           equ 4096        ; of DRAWN and SHOWN; the screen's own is in screen_pitch
