/*
 * A kernel is a piece of work that is always the same: it sets up what it uses, and its checksum does not depend on how often it ran.
 * The same object files run in a virtual machine (boot.S, machine.c) and as a 32-bit Linux program (native.c).
 */
#ifndef KERNELS_H
#define KERNELS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

enum need { NOTHING, SSE2 };

struct kernel {
  const char *name;
  u32 (*run)(void);
  enum need need;
};

/* Kernels that run anywhere; the list ends with a null name. */
extern const struct kernel portable_kernels[];
/* Kernels that need the whole machine. */
extern const struct kernel system_kernels[];

u32 crc32(void);
u32 sieve(void);
u32 alu(void);
u32 mul64(void);
u32 quicksort(void);
u32 chase256k(void);
u32 chase16m(void);
u32 fib(void);
u32 interpreter(void);
u32 indirect(void);
u32 mandelbrot_x87(void);
u32 mandelbrot_sse2(void);
u32 mandelbrot_packed(void);
u32 nbody_x87(void);
u32 nbody_sse2(void);
u32 movs_long(void);
u32 stos_long(void);
u32 movs_short(void);
u32 stos_short(void);
u32 selfmod(void);
u32 beside(void);

/* What the command loop needs from its surroundings. */
void put_char(char character);
int get_char(void); /* waits; -1 at the end */

/* Answers "name count" with "name count checksum" until the input ends; the first line is "ready". */
void serve(const struct kernel *const *lists, int sse2);

static inline u32 next_random(u32 *state) {
  u32 x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

#endif
