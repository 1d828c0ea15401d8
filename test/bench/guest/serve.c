#include "kernels.h"

static void put_text(const char *text) {
  while (*text) put_char(*text++);
}

static void put_number(u32 value, u32 base) {
  char digits[12];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[value % base];
  while (value /= base);
  while (n) put_char(digits[--n]);
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/* A word of the line into `into`; returns the character that ended it. */
static int get_word(char *into, int size) {
  int n = 0, c;
  while ((c = get_char()) > ' ')
    if (n < size - 1) into[n++] = (char)c;
  into[n] = 0;
  return c;
}

static void run(const struct kernel *kernel, u32 count) {
  u32 sum = kernel->run();
  int stable = 1;
  for (u32 i = 1; i < count; i++) stable &= kernel->run() == sum;
  put_number(sum, 16);
  if (!stable) put_text(" unstable");
}

void serve(const struct kernel *const *lists, int sse2) {
  char name[32], digits[12];
  put_text("ready\n");
  for (;;) {
    int end = get_word(name, sizeof name);
    if (end < 0) return;
    if (name[0] == 0) continue;
    digits[0] = 0;
    if (end == ' ') get_word(digits, sizeof digits);
    u32 count = 0;
    for (const char *d = digits; *d >= '0' && *d <= '9'; d++) count = count * 10 + (u32)(*d - '0');
    const struct kernel *found = 0;
    for (const struct kernel *const *list = lists; *list; list++)
      for (const struct kernel *kernel = *list; kernel->name; kernel++)
        if (same(kernel->name, name)) found = kernel;
    put_text(name);
    put_char(' ');
    put_number(count, 10);
    put_char(' ');
    if (!found) put_text("unknown");
    else if (found->need == SSE2 && !sse2) put_text("missing");
    else run(found, count);
    put_char('\n');
  }
}
