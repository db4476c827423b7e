#ifndef DMO_LANES_H
#define DMO_LANES_H
/* What the kernels share: one binary for all levels of a processor, and sums in an order of their own. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The loader picks the widest that the processor has; the functions below are inlined into each. */
#if defined(__x86_64__) && defined(__gnu_linux__)
#define DMO_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DMO_KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))

/* Partial sums in this many lanes: the order of additions is then the source's, not the compiler's. */
enum { LANES = 16 };
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* By pointer: a vector by value would tie the ABI to one level of the processor. */
INLINE void load(lanes *v, const float *p) { memcpy(v, p, sizeof *v); }

INLINE void store(float *p, const lanes *v) { memcpy(p, v, sizeof *v); }

/* The first `count` < LANES numbers, zero behind them. */
INLINE void load_part(lanes *v, const float *p, size_t count) {
  float t[LANES] = {0};
  for (size_t k = 0; k < count; k++) t[k] = p[k];
  load(v, t);
}

/*
 * 1 in the last `rest` lanes, 0 before: the lanes of a row's last whole vector that the others did not cover. It is
 * loaded over the end of them, which is quicker than a short load.
 */
INLINE void end_mask(lanes *v, size_t rest) {
  float t[LANES];
  for (size_t k = 0; k < LANES; k++) t[k] = k + rest >= LANES ? 1.0f : 0.0f;
  load(v, t);
}

INLINE float sum(const lanes *v) {
  float t[LANES];
  memcpy(t, v, sizeof t);
  for (int w = LANES / 2; w > 0; w /= 2)
    for (int k = 0; k < w; k++) t[k] += t[k + w];
  return t[0];
}

/* exp(h) for h <= 0, at least that of -87: 2^k times a polynomial of degree 6 with relative error 1.9e-9. */
INLINE float exponential(float h) {
  h = h > -87.0f ? h : -87.0f;
  /* Adding 1.5 * 2^23 rounds to a whole number. */
  const float shifted = h * 1.44269504f + 12582912.0f;
  const float k = shifted - 12582912.0f;
  float f = h - k * 0.693359375f;
  f = f + k * 2.12194440e-4f;
  float e = 1.383674191e-03f;
  e = e * f + 8.374898362e-03f;
  e = e * f + 4.166823180e-02f;
  e = e * f + 1.666641919e-01f;
  e = e * f + 4.999999203e-01f;
  e = e * f + 1.000000037e+00f;
  e = e * f + 1.000000001e+00f;
  const int32_t bits = ((int32_t)k + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return e * power;
}

#endif
