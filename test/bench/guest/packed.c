/* Two points of the set at once in the halves of XMM registers. */
#include "kernels.h"
#include <emmintrin.h>

u32 mandelbrot_packed(void) {
  u32 sum = 0;
  const __m128d four = _mm_set1_pd(4);
  for (int row = 0; row < 40; row++)
    for (int column = 0; column < 60; column += 2) {
      __m128d cr = _mm_set_pd((column + 1) * (3.0 / 60) - 2.2, column * (3.0 / 60) - 2.2), ci = _mm_set1_pd(row * (2.4 / 40) - 1.2);
      __m128d r = _mm_setzero_pd(), i = r;
      __m128i count = _mm_setzero_si128();
      for (int n = 0; n < 200; n++) {
        __m128d rr = _mm_mul_pd(r, r), ii = _mm_mul_pd(i, i), inside = _mm_cmple_pd(_mm_add_pd(rr, ii), four);
        if (!_mm_movemask_pd(inside)) break;
        count = _mm_sub_epi64(count, _mm_castpd_si128(inside));
        i = _mm_add_pd(_mm_mul_pd(_mm_add_pd(r, r), i), ci);
        r = _mm_add_pd(_mm_sub_pd(rr, ii), cr);
      }
      u32 counts[4];
      __builtin_memcpy(counts, &count, sizeof counts);
      sum = (sum * 31 + counts[0]) * 31 + counts[2];
    }
  return sum;
}
