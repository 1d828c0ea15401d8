#include "kernels.h"

u32 patched(u32 argument);
extern volatile u32 patched_value;
u32 counted(u32 rounds);
extern volatile u32 counters[16];

u32 selfmod(void) {
  u32 sum = 0;
  for (u32 i = 0; i < 3000; i++) {
    patched_value = i * 3;
    sum = patched(sum) ^ (sum << 1);
  }
  return sum;
}

u32 beside(void) {
  counters[0] = 0;
  return counted(50000);
}
