#include "dmo_gp.h"

#include <math.h>
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
enum { WIDTH = 8 };

/*
 * exp(x) for x <= 0, to 2 units in the last place: 2^k times the Taylor polynomial of degree 13 on |f| <= ln(2)/2,
 * whose remainder is 4e-18. Adding 1.5 * 2^52 rounds to a whole number, which the sum's low bits then hold.
 */
INLINE double negative_exponential(double x) {
  x = x > -700.0 ? x : -700.0;
  const double shifted = x * 1.4426950408889634 + 6755399441055744.0;
  const double k = shifted - 6755399441055744.0;
  double f = x - k * 0.693147180369123816490;
  f = f - k * 1.90821492927058770002e-10;
  double e = 1.0 / 6227020800.0;
  e = e * f + 1.0 / 479001600.0;
  e = e * f + 1.0 / 39916800.0;
  e = e * f + 1.0 / 3628800.0;
  e = e * f + 1.0 / 362880.0;
  e = e * f + 1.0 / 40320.0;
  e = e * f + 1.0 / 5040.0;
  e = e * f + 1.0 / 720.0;
  e = e * f + 1.0 / 120.0;
  e = e * f + 1.0 / 24.0;
  e = e * f + 1.0 / 6.0;
  e = e * f + 0.5;
  e = e * f + 1.0;
  e = e * f + 1.0;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return e * power;
}

INLINE void distances(size_t n, size_t d, size_t ldx, const double *xt, const double *z, size_t ldz, double *out) {
  memset(out, 0, n * sizeof *out);
  for (size_t k = 0; k < d; k++) {
    const double zk = z[k * ldz];
    const double *x = xt + k * ldx;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) {
      const double t = zk - x[j];
      out[j] += t * t;
    }
  }
}

INLINE void correlations(int kind, size_t n, double factor, const double *r2, double *k, double *slope) {
  if (kind == DMO_MATERN52) {
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) {
      const double q = 5.0 * factor * r2[j];
      const double t = sqrt(q);
      const double e = negative_exponential(-t);
      k[j] = (1.0 + t + q * (1.0 / 3.0)) * e;
      slope[j] = (-5.0 / 6.0) * (1.0 + t) * e;
    }
  } else {
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) {
      const double e = negative_exponential(-0.5 * factor * r2[j]);
      k[j] = e;
      slope[j] = -0.5 * e;
    }
  }
}

DMO_KERNEL void dmo_gp_distances(size_t n, size_t d, size_t ldx, const double *xt, const double *z, double *out) {
  distances(n, d, ldx, xt, z, 1, out);
}

DMO_KERNEL void dmo_gp_correlations(int kind, size_t n, double factor, const double *r2, double *k, double *slope) {
  correlations(kind, n, factor, r2, k, slope);
}

DMO_KERNEL void dmo_gp_all_distances(size_t n, size_t d, size_t ldx, const double *xt, size_t ld, double *out) {
  for (size_t i = 1; i < n; i++) distances(i, d, ldx, xt, xt + i, ldx, out + i * ld);
}

DMO_KERNEL void dmo_gp_matrix(int kind, size_t n, size_t ld, double factor, double diagonal, const double *r2,
                              double *k, double *slope) {
  for (size_t i = 0; i < n; i++) {
    correlations(kind, i, factor, r2 + i * ld, k + i * ld, slope + i * ld);
    k[i * ld + i] = diagonal;
    slope[i * ld + i] = 0.0;
  }
}

DMO_KERNEL double dmo_gp_weights(size_t n, size_t ld, const double *alpha, const double *inverse, const double *slope,
                                 const double *r2, double *w) {
  double total = 0.0;
  for (size_t i = 1; i < n; i++) {
    const double *v = inverse + i * ld, *s = slope + i * ld;
    double *wi = w + i * ld;
    const double ai = alpha[i];
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < i; j++) wi[j] = (ai * alpha[j] - v[j]) * s[j];
    if (r2)
      for (size_t j = 0; j < i; j++) total += wi[j] * r2[i * ld + j];
  }
  return total;
}

DMO_KERNEL void dmo_gp_gradient(size_t n, size_t d, size_t ldx, const double *xt, size_t ld, const double *w,
                                double *out) {
  memset(out, 0, d * sizeof *out);
  for (size_t i = 1; i < n; i++) {
    const double *wi = w + i * ld;
    const size_t whole = i - i % WIDTH;
    for (size_t k = 0; k < d; k++) {
      const double *x = xt + k * ldx;
      const double xi = x[i];
      double lane[WIDTH] = {0};
      for (size_t j = 0; j < whole; j += WIDTH)
        for (size_t l = 0; l < WIDTH; l++) {
          const double t = xi - x[j + l];
          lane[l] += wi[j + l] * t * t;
        }
      for (size_t j = whole; j < i; j++) {
        const double t = xi - x[j];
        lane[j - whole] += wi[j] * t * t;
      }
      for (int width = WIDTH / 2; width > 0; width /= 2)
        for (int l = 0; l < width; l++) lane[l] += lane[l + width];
      out[k] += lane[0];
    }
  }
}
