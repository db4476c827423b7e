#include "dmo_sgemm.h"

/*
 * The scheme of Goto & van de Geijn (ACM TOMS 34, 2008), small: a panel of b, up to 48 columns wide and 512 rows deep, is
 * copied to the stack (transposed on the way where needed), then tiles of c, 8 rows by 3 vectors, stay in registers while
 * the panel streams from the cache. The tile's 24 accumulators, 3 vectors of b and a broadcast fit the 32 registers, and
 * its 24 multiply-adds for each 11 loads keep both units busy.
 */

#if defined(__x86_64__) && defined(__gnu_linux__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma")))
#define INLINE static inline __attribute__((always_inline)) AVX512

enum { LANES = 16, WIDEST = 3, TALLEST = 8, DEEPEST = 512 };

int dmo_sgemm_works(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}

/* 16 rows of 16 numbers, ld apart, to their transpose, out_ld apart. */
INLINE void transpose(const float *in, size_t ld, float *out, size_t out_ld) {
  __m512 r[16], t[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_ps(in + (size_t)i * ld);
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  /* r[4q + s]: column s of each 128-bit lane, rows 4q to 4q + 3. */
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i]), _mm512_castps_pd(t[i + 2])));
    r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i]), _mm512_castps_pd(t[i + 2])));
    r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i + 1]), _mm512_castps_pd(t[i + 3])));
    r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i + 1]), _mm512_castps_pd(t[i + 3])));
  }
#pragma clang loop unroll(full)
  for (int s = 0; s < 4; s++) {
    const __m512 a = _mm512_shuffle_f32x4(r[s], r[s + 4], 0x88), b = _mm512_shuffle_f32x4(r[s + 8], r[s + 12], 0x88);
    const __m512 c = _mm512_shuffle_f32x4(r[s], r[s + 4], 0xdd), d = _mm512_shuffle_f32x4(r[s + 8], r[s + 12], 0xdd);
    _mm512_storeu_ps(out + (size_t)s * out_ld, _mm512_shuffle_f32x4(a, b, 0x88));
    _mm512_storeu_ps(out + (size_t)(s + 8) * out_ld, _mm512_shuffle_f32x4(a, b, 0xdd));
    _mm512_storeu_ps(out + (size_t)(s + 4) * out_ld, _mm512_shuffle_f32x4(c, d, 0x88));
    _mm512_storeu_ps(out + (size_t)(s + 12) * out_ld, _mm512_shuffle_f32x4(c, d, 0xdd));
  }
}

/* Rows p0 … p0 + depth of columns j0 … of b (k, n), zero behind column n. panel: (depth, 16 vectors). */
INLINE void pack(const float *b, size_t ld, size_t depth, size_t columns, size_t vectors, float *panel) {
  for (size_t p = 0; p < depth; p++)
    for (size_t v = 0; v < vectors; v++) {
      const size_t left = columns - v * LANES;
      const __mmask16 mask = left >= LANES ? 0xffff : (__mmask16)((1u << left) - 1);
      _mm512_store_ps(panel + (p * vectors + v) * LANES, _mm512_maskz_loadu_ps(mask, b + p * ld + v * LANES));
    }
}

/* The same of b' for b (n, k): column j of the panel is row j of b. */
INLINE void pack_transposed(const float *b, size_t ld, size_t depth, size_t columns, size_t vectors, float *panel) {
  const size_t width = vectors * LANES, deep = depth - depth % LANES;
  for (size_t v = 0; v < vectors; v++) {
    const float *from = b + v * LANES * ld;
    float *to = panel + v * LANES;
    const size_t left = columns - v * LANES, rows = left < LANES ? left : LANES;
    size_t done = 0;
    if (rows == LANES)
      for (; done < deep; done += LANES) transpose(from + done, ld, to + done * width, width);
    for (size_t p = done; p < depth; p++)
      for (size_t j = 0; j < LANES; j++) to[p * width + j] = j < rows ? from[j * ld + p] : 0.0f;
  }
}

/* A tile of c from `rows` rows of a and a panel; element (i, p) of a is a[i * row + p * step]. */
INLINE void tile(int rows, int vectors, size_t depth, const float *a, size_t row, size_t step, const float *panel,
                 float *c, size_t ldc, __mmask16 last, int accumulates) {
  __m512 sum[TALLEST][WIDEST];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[i][v] = _mm512_setzero_ps();
  for (size_t p = 0; p < depth; p++) {
    __m512 b[WIDEST];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) b[v] = _mm512_load_ps(panel + (p * (size_t)vectors + (size_t)v) * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      const __m512 x = _mm512_set1_ps(a[(size_t)i * row + p * step]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[i][v] = _mm512_fmadd_ps(x, b[v], sum[i][v]);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float *at = c + (size_t)i * ldc + v * LANES;
      const __mmask16 mask = v == vectors - 1 ? last : 0xffff;
      if (accumulates) sum[i][v] = _mm512_add_ps(sum[i][v], _mm512_maskz_loadu_ps(mask, at));
      _mm512_mask_storeu_ps(at, mask, sum[i][v]);
    }
}

/* All rows of c in a panel's columns; the compiler makes one tile for each height. */
INLINE void stripe(int vectors, size_t m, size_t depth, const float *a, size_t row, size_t step, const float *panel,
                   float *c, size_t ldc, __mmask16 last, int accumulates) {
  size_t i = 0;
  for (; i + TALLEST <= m; i += TALLEST)
    tile(TALLEST, vectors, depth, a + i * row, row, step, panel, c + i * ldc, ldc, last, accumulates);
  a += i * row;
  c += i * ldc;
  switch (m - i) {
    case 1: tile(1, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 2: tile(2, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 3: tile(3, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 4: tile(4, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 5: tile(5, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 6: tile(6, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    case 7: tile(7, vectors, depth, a, row, step, panel, c, ldc, last, accumulates); break;
    default: break;
  }
}

INLINE void product(size_t m, size_t n, size_t k, const float *a, size_t row, size_t step, const float *b, size_t ldb,
                    int transposed, float *c) {
  float panel[DEEPEST * WIDEST * LANES] __attribute__((aligned(64)));
  const size_t all = (n + LANES - 1) / LANES, panels = (all + WIDEST - 1) / WIDEST;
  const __mmask16 last = n % LANES ? (__mmask16)((1u << n % LANES) - 1) : 0xffff;
  size_t j = 0;
  for (size_t q = 0; q < panels; q++) {
    /* Panels of nearly equal width: a narrow last one would leave most registers idle. */
    const size_t vectors = all / panels + (q < all % panels), columns = n - j < vectors * LANES ? n - j : vectors * LANES;
    const __mmask16 mask = q == panels - 1 ? last : 0xffff;
    for (size_t p = 0; p < k || p == 0; p += DEEPEST) {
      const size_t depth = k - p < DEEPEST ? k - p : DEEPEST;
      if (transposed)
        pack_transposed(b + j * ldb + p, ldb, depth, columns, vectors, panel);
      else
        pack(b + p * ldb + j, ldb, depth, columns, vectors, panel);
      const float *ap = a + p * step;
      if (vectors == 3)
        stripe(3, m, depth, ap, row, step, panel, c + j, n, mask, p > 0);
      else if (vectors == 2)
        stripe(2, m, depth, ap, row, step, panel, c + j, n, mask, p > 0);
      else
        stripe(1, m, depth, ap, row, step, panel, c + j, n, mask, p > 0);
    }
    j += columns;
  }
}

AVX512 void dmo_sgemm_ab(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  product(m, n, k, a, k, 1, b, n, 0, c);
}

AVX512 void dmo_sgemm_abt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  product(m, n, k, a, k, 1, b, k, 1, c);
}

AVX512 void dmo_sgemm_atb(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  product(m, n, k, a, 1, m, b, n, 0, c);
}

#else

int dmo_sgemm_works(void) { return 0; }
void dmo_sgemm_ab(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  (void)m, (void)n, (void)k, (void)a, (void)b, (void)c;
  __builtin_trap();
}
void dmo_sgemm_abt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  dmo_sgemm_ab(m, n, k, a, b, c);
}
void dmo_sgemm_atb(size_t m, size_t n, size_t k, const float *a, const float *b, float *c) {
  dmo_sgemm_ab(m, n, k, a, b, c);
}

#endif
