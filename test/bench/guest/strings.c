/*
 * REP MOVS and STOS, long and short. The gap keeps source and target from lying a power of two apart, where a TLB that is indexed by the
 * low bits of the page number (QEMU's) misses at each element.
 */
#include "kernels.h"

static struct {
  u32 source[256 * 1024], gap[5 * 1024], target[256 * 1024];
} memory __attribute__((aligned(4096)));
#define source memory.source
#define target memory.target

static inline void move_dwords(void *to, const void *from, u32 count) {
  __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline void move_bytes(void *to, const void *from, u32 count) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline void store_dwords(void *to, u32 value, u32 count) {
  __asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static inline void store_bytes(void *to, u32 value, u32 count) {
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static u32 sampled(const u32 *words, u32 count) {
  u32 sum = 0;
  for (u32 i = 0; i < count; i += 61) sum = sum * 31 + words[i];
  return sum;
}

u32 movs_long(void) {
  source[0] = 1;
  for (u32 i = 61; i < 256 * 1024; i += 61) source[i] = i;
  for (int round = 0; round < 20; round++) move_dwords(target, source, 256 * 1024);
  return sampled(target, 256 * 1024);
}

u32 stos_long(void) {
  for (u32 round = 0; round < 20; round++) store_dwords(target, 0x01020304 + round, 256 * 1024);
  return sampled(target, 256 * 1024);
}

u32 movs_short(void) {
  u8 *from = (u8 *)source, *to = (u8 *)target;
  for (u32 i = 0; i < 4096; i++) from[i] = (u8)(i * 7);
  for (u32 round = 0; round < 20; round++)
    for (u32 at = 0, size = 1; at < 4000; at += size, size = size % 32 + 1) move_bytes(to + at, from + at + (round & 7), size);
  return sampled(target, 1000);
}

u32 stos_short(void) {
  u8 *to = (u8 *)target;
  for (u32 round = 0; round < 20; round++)
    for (u32 at = 0, size = 1; at < 4000; at += size, size = size % 32 + 1) store_bytes(to + at, at + round, size);
  return sampled(target, 1000);
}
