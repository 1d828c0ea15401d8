/* The bare machine under the kernels: ports, page tables, interrupts. */
#ifndef MACHINE_H
#define MACHINE_H

#include "kernels.h"

#define COM1 0x3f8
#define WINDOW 0x40000000u

static inline void out(u16 port, u8 value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 in(u16 port) {
  u8 value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

/* Two directories with the same content: a switch between them changes nothing but CR3. */
extern u32 directories[2][1024];
/* The 4 MiB at WINDOW; page_fault_entry fills it, with `window_frame`. */
extern u32 window_table[1024], window_frame;
extern volatile u32 ticks;

/* IRQ 0 at this divisor of 1,193,182 Hz; 0 stops it. */
void set_timer(u16 divisor);

#endif
