/* Integer loops: table look-ups, byte stores, shifts, multiplies with carry, a sort, and pointers to follow. */
#include "kernels.h"

static u8 text[256 * 1024];

u32 crc32(void) {
  static u32 table[256];
  if (!table[1]) {
    for (u32 i = 0; i < 256; i++) {
      u32 c = i;
      for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
    u32 state = 1;
    for (u32 i = 0; i < sizeof text; i++) text[i] = (u8)next_random(&state);
  }
  u32 crc = ~0u;
  for (u32 i = 0; i < sizeof text; i++) crc = table[(crc ^ text[i]) & 255] ^ (crc >> 8);
  return ~crc;
}

u32 sieve(void) {
  static u8 composite[128 * 1024];
  u32 count = 0;
  for (u32 i = 0; i < sizeof composite; i++) composite[i] = 0;
  for (u32 i = 2; i < sizeof composite; i++) {
    if (composite[i]) continue;
    count += i;
    for (u32 j = 2 * i; j < sizeof composite; j += i) composite[j] = 1;
  }
  return count;
}

u32 alu(void) {
  u32 a = 1, b = 0x9e3779b9, sum = 0;
  for (u32 i = 0; i < 300000; i++) {
    next_random(&a);
    b = (b << 7 | b >> 25) + a;
    sum ^= b - (a >> 3);
    if (sum & 16) sum += i;
  }
  return sum;
}

u32 mul64(void) {
  u64 state = 88172645463325252ull, sum = 0;
  for (u32 i = 0; i < 200000; i++) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    sum += state >> 29;
  }
  return (u32)sum ^ (u32)(sum >> 32);
}

static u32 numbers[32 * 1024];

static void sort(u32 *low, u32 *high) {
  while (low < high) {
    u32 pivot = low[(high - low) / 2], *i = low, *j = high;
    while (i <= j) {
      while (*i < pivot) i++;
      while (*j > pivot) j--;
      if (i > j) break;
      u32 t = *i;
      *i++ = *j;
      *j-- = t;
    }
    if (j - low < high - i) {
      sort(low, j);
      low = i;
    } else {
      sort(i, high);
      high = j;
    }
  }
}

u32 quicksort(void) {
  enum { COUNT = sizeof numbers / sizeof *numbers };
  u32 state = 7, sum = 0;
  for (u32 i = 0; i < COUNT; i++) numbers[i] = next_random(&state);
  sort(numbers, numbers + COUNT - 1);
  for (u32 i = 0; i < COUNT; i++) sum = sum * 31 + numbers[i];
  return sum;
}

/* One cache line each, in one cycle over all of them in random order. */
struct node {
  struct node *next;
  u32 number;
  u32 rest[14];
};

static void link_nodes(struct node *nodes, u32 count) {
  if (nodes[0].next) return;
  u32 state = 99;
  for (u32 i = 0; i < count; i++) nodes[i].number = i;
  for (u32 i = count - 1; i > 0; i--) {
    u32 j = next_random(&state) % i, t = nodes[i].number;
    nodes[i].number = nodes[j].number;
    nodes[j].number = t;
  }
  for (u32 i = 0; i < count; i++) nodes[i].next = nodes + nodes[i].number;
}

static u32 follow(const struct node *node, u32 steps) {
  u32 sum = 0;
  while (steps--) {
    sum += node->number;
    node = node->next;
  }
  return sum;
}

static struct node small[256 * 1024 / sizeof(struct node)], large[16 * 1024 * 1024 / sizeof(struct node)];

u32 chase256k(void) {
  link_nodes(small, sizeof small / sizeof *small);
  return follow(small, 500000);
}

u32 chase16m(void) {
  link_nodes(large, sizeof large / sizeof *large);
  return follow(large, 262144);
}
