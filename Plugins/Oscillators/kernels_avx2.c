/* The kernels for x86-64 with AVX2 and FMA. */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx2,fma")))
#define KERNEL static inline __attribute__((always_inline)) TARGET
#define ENTRY static TARGET
#define WIDTH 4
#define NAME "avx2"
#define TABLE osc_kernels_avx2

typedef __m256d vec;
typedef __m256i ivec;

KERNEL vec vec_set(double x) { return _mm256_set1_pd(x); }
KERNEL vec vec_fma(vec a, vec b, vec c) { return _mm256_fmadd_pd(a, b, c); }
KERNEL int vec_any_above(vec x, double limit) {
  vec size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
  return _mm256_movemask_pd(_mm256_cmp_pd(size, _mm256_set1_pd(limit), _CMP_GT_OQ)) != 0;
}

#include "kernels_body.h"
#endif
