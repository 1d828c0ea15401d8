/* What only a whole machine can do: ports, interrupts, faults, address spaces, timer ticks. */
#include "machine.h"

static u32 port(void) {
  u32 sum = 0;
  out(COM1 + 7, 0x5a); /* the scratch register: what it reads does not depend on time */
  for (u32 i = 0; i < 10000; i++) sum += in(COM1 + 7);
  return sum;
}

static u32 interrupt(void) {
  u32 count = 0;
  for (u32 i = 0; i < 10000; i++) __asm__ volatile("int $0x30\n\tincl %0" : "+r"(count));
  return count;
}

static u32 fault(void) {
  u32 sum = 0;
  *(volatile u32 *)(window_frame & ~0xfffu) = 5;
  for (u32 round = 0; round < 10; round++)
    for (u32 page = 0; page < 200; page++) {
      volatile u32 *at = (volatile u32 *)(WINDOW + page * 4096);
      sum = sum * 31 + *at;
      window_table[page] = 0;
      __asm__ volatile("invlpg %0" : : "m"(*at));
    }
  return sum;
}

static u32 cr3(void) {
  static u8 pages[16][4096];
  u32 sum = 0;
  for (u32 i = 0; i < 16; i++) pages[i][0] = (u8)i;
  for (u32 round = 0; round < 2000; round++) {
    __asm__ volatile("movl %0, %%cr3" : : "r"(directories[round & 1]) : "memory");
    for (u32 i = 0; i < 16; i++) sum = sum * 31 + ((volatile u8 *)pages[i])[0];
  }
  return sum;
}

static u32 tick_1k(void) {
  u32 end;
  ticks = 0;
  set_timer(1193);
  for (end = 100; ticks < end;) __asm__ volatile("hlt");
  set_timer(0);
  return end;
}

static u32 tick_10k(void) {
  u32 end, state = 1;
  ticks = 0;
  set_timer(119);
  for (end = 1000; ticks < end;) next_random(&state);
  set_timer(0);
  return end + (state == 0);
}

const struct kernel system_kernels[] = {
    {"port", port, NOTHING},
    {"interrupt", interrupt, NOTHING},
    {"fault", fault, NOTHING},
    {"cr3", cr3, NOTHING},
    {"tick-1k", tick_1k, NOTHING},
    {"tick-10k", tick_10k, NOTHING},
    {0, 0, NOTHING},
};
