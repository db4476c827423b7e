/* The kernels for x86-64 with AVX-512 (foundation and DQ). */
#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512dq")))
#define KERNEL static inline __attribute__((always_inline)) TARGET
#define ENTRY static TARGET
#define WIDTH 8
#define NAME "avx512"
#define TABLE osc_kernels_avx512

typedef __m512d vec;
typedef __m512i ivec;

KERNEL vec vec_set(double x) { return _mm512_set1_pd(x); }
KERNEL vec vec_fma(vec a, vec b, vec c) { return _mm512_fmadd_pd(a, b, c); }
KERNEL int vec_any_above(vec x, double limit) {
  return _mm512_cmp_pd_mask(_mm512_abs_pd(x), _mm512_set1_pd(limit), _CMP_GT_OQ) != 0;
}

#include "kernels_body.h"
#endif
