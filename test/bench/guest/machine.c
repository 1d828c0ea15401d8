#include "machine.h"

/* 64 MiB, of which the first 1 MiB holds the image and the rest the kernels' data. */
#define TABLES 16

u32 directories[2][1024] __attribute__((aligned(4096)));
static u32 tables[TABLES][1024] __attribute__((aligned(4096)));
u32 window_table[1024] __attribute__((aligned(4096)));
static u8 window_page[4096] __attribute__((aligned(4096)));
u32 window_frame;
volatile u32 ticks;
static u32 idt[256][2] __attribute__((aligned(8)));
u8 stack[64 * 1024] __attribute__((aligned(16)));
__asm__(".globl stack_top\n.set stack_top, stack + 65536 - 16");

extern const u8 unexpected_entries[32][8];
void software_interrupt_entry(void);
void page_fault_entry(void);
void timer_entry(void);
void serial_entry(void);
u32 enable_paging_and_fpu(const u32 *directory);

void put_char(char character) {
  while (!(in(COM1 + 5) & 0x20)) {}
  out(COM1, (u8)character);
}

static volatile u8 received[256];
static volatile u8 received_head, received_tail;

void serial_received(void) {
  while (in(COM1 + 5) & 1) received[received_head++] = in(COM1);
  in(COM1 + 2);
}

int get_char(void) {
  for (;;) {
    __asm__ volatile("cli");
    if (received_tail != received_head) break;
    __asm__ volatile("sti; hlt");
  }
  __asm__ volatile("sti");
  return received[received_tail++];
}

void unexpected(u32 vector) {
  const char *text = "unexpected vector ";
  while (*text) put_char(*text++);
  put_char((char)('0' + vector / 10));
  put_char((char)('0' + vector % 10));
  put_char('\n');
  for (;;) __asm__ volatile("cli; hlt");
}

void set_timer(u16 divisor) {
  out(0x43, 0x34);
  out(0x40, (u8)divisor);
  out(0x40, (u8)(divisor >> 8));
  out(0x21, divisor ? 0xee : 0xef);
}

static void set_gate(u32 vector, const void *entry) {
  idt[vector][0] = ((u32)entry & 0xffff) | 8 << 16;
  idt[vector][1] = ((u32)entry & 0xffff0000) | 0x8e00;
}

static void fill_tables(void) {
  for (u32 page = 0; page < TABLES * 1024; page++) tables[page / 1024][page % 1024] = page << 12 | 3;
  for (u32 d = 0; d < 2; d++) {
    for (u32 t = 0; t < TABLES; t++) directories[d][t] = (u32)tables[t] | 3;
    directories[d][WINDOW >> 22] = (u32)window_table | 3;
  }
  window_frame = (u32)window_page | 3;
}

static void start_interrupts(void) {
  for (u32 vector = 0; vector < 32; vector++) set_gate(vector, unexpected_entries[vector]);
  set_gate(14, page_fault_entry);
  set_gate(0x20, timer_entry);
  set_gate(0x24, serial_entry);
  set_gate(0x30, software_interrupt_entry);
  struct __attribute__((packed)) {
    u16 limit;
    void *base;
  } idtr = {sizeof idt - 1, idt};
  __asm__ volatile("lidt %0" : : "m"(idtr));
  static const u8 pic[][2] = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, 0x20}, {0xa1, 0x28}, {0x21, 4},
                              {0xa1, 2},    {0x21, 1},    {0xa1, 1},    {0xa1, 0xff}};
  for (u32 i = 0; i < sizeof pic / 2; i++) out(pic[i][0], pic[i][1]);
  set_timer(0);
  static const u8 uart[][2] = {{3, 0x83}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 0x0b}, {1, 1}};
  for (u32 i = 0; i < sizeof uart / 2; i++) out(COM1 + uart[i][0], uart[i][1]);
}

void machine_main(void) {
  fill_tables();
  start_interrupts();
  u32 sse2 = enable_paging_and_fpu(directories[0]);
  __asm__ volatile("sti");
  static const struct kernel *const lists[] = {portable_kernels, system_kernels, 0};
  serve(lists, sse2 != 0);
}
