/* Compiled twice: for the x87 with UNIT(name) name_x87, and for SSE2 with UNIT(name) name_sse2. */
#include "kernels.h"

u32 UNIT(mandelbrot)(void) {
  u32 sum = 0;
  for (int row = 0; row < 40; row++)
    for (int column = 0; column < 60; column++) {
      double cr = column * (3.0 / 60) - 2.2, ci = row * (2.4 / 40) - 1.2, r = 0, i = 0;
      u32 n = 0;
      while (n < 200) {
        double rr = r * r, ii = i * i;
        if (rr + ii > 4) break;
        i = 2 * r * i + ci;
        r = rr - ii + cr;
        n++;
      }
      sum = sum * 31 + n;
    }
  return sum;
}

struct body {
  double x, y, z, vx, vy, vz, mass;
};

u32 UNIT(nbody)(void) {
  struct body bodies[5];
  u32 state = 11;
  for (int i = 0; i < 5; i++) {
    double *value = &bodies[i].x;
    for (int k = 0; k < 7; k++) value[k] = (double)(int)(next_random(&state) >> 8) * (1.0 / (1 << 22)) + (k == 6 ? 1 : -2);
  }
  for (int step = 0; step < 1000; step++) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        struct body *a = bodies + i, *b = bodies + j;
        double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
        double square = dx * dx + dy * dy + dz * dz + 0.01, pull = 0.0001 / (square * __builtin_sqrt(square));
        a->vx -= dx * b->mass * pull;
        a->vy -= dy * b->mass * pull;
        a->vz -= dz * b->mass * pull;
        b->vx += dx * a->mass * pull;
        b->vy += dy * a->mass * pull;
        b->vz += dz * a->mass * pull;
      }
    for (int i = 0; i < 5; i++) {
      struct body *a = bodies + i;
      a->x += 0.0001 * a->vx;
      a->y += 0.0001 * a->vy;
      a->z += 0.0001 * a->vz;
    }
  }
  u32 sum = 0;
  for (int i = 0; i < 5; i++)
    for (u32 k = 0; k < sizeof bodies[i] / 4; k++) {
      u32 word;
      __builtin_memcpy(&word, (char *)(bodies + i) + 4 * k, 4);
      sum = sum * 31 + word;
    }
  return sum;
}
