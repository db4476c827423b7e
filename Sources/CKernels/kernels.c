#include "dmo_kernels.h"

#include <math.h>
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
/* Rows worked on at a time, so that what one pass wrote is still in the first-level cache for the next. */
enum { BLOCK = 2048 };

/*
 * gelu and its slope for a run of numbers.
 *
 * With t = |x|, Phi(-t) = exp(-t^2/2) R(t), where R(t) = erfcx(t/sqrt 2)/2 is smooth. R is a polynomial in t of degree
 * 12 with R(0) = 1/2 whose error, weighted by exp(-t^2/2), is 4.6e-9 at most on [0, 6] (fitted to SciPy's erfcx by
 * Lawson's iteration); exp is 2^k times a polynomial of degree 6 with relative error 1.9e-9. The exponential
 * is shared with the density in the slope Phi(x) + x phi(x).
 */
INLINE void gelu_run(size_t count, const float *v, float *a, float *slope) {
#pragma clang loop vectorize(assume_safety) interleave_count(1)
  for (size_t i = 0; i < count; i++) {
    const float x = v[i];
    const float t = fabsf(x);
    float h = -0.5f * x * x;
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
    e = e * power;

    const float u = t < 6.0f ? t : 6.0f;
    float r = 5.996199201e-08f;
    r = r * u - 1.637067450e-06f;
    r = r * u + 2.023079355e-05f;
    r = r * u - 1.517324596e-04f;
    r = r * u + 7.866849539e-04f;
    r = r * u - 3.071954876e-03f;
    r = r * u + 9.685933517e-03f;
    r = r * u - 2.609628946e-02f;
    r = r * u + 6.228040306e-02f;
    r = r * u - 1.329241430e-01f;
    r = r * u + 2.499926968e-01f;
    r = r * u - 3.989419530e-01f;
    r = r * u + 0.5f;

    const float tail = e * r;
    const float phi = x > 0.0f ? 1.0f - tail : tail;
    a[i] = x * phi;
    slope[i] = phi + x * (e * 0.398942280f);
  }
}

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
 * 1 in the last `rest` lanes, 0 before: the lanes of a row's last whole vector that the others did not cover. It is loaded
 * over the end of them, which is quicker than a short load.
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

INLINE size_t rows_at_a_time(size_t n) { return n >= BLOCK ? 1 : BLOCK / n; }

DMO_KERNEL void dmo_bias_gelu(size_t rows, size_t n, float *z, const float *bias, float *a) {
  const size_t step = rows_at_a_time(n);
  for (size_t r0 = 0; r0 < rows; r0 += step) {
    const size_t r1 = r0 + step < rows ? r0 + step : rows;
    for (size_t r = r0; r < r1; r++) {
      float *zr = z + r * n;
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) zr[j] += bias[j];
    }
    gelu_run((r1 - r0) * n, z + r0 * n, a + r0 * n, z + r0 * n);
  }
}

DMO_KERNEL void dmo_bias_norm_gelu(size_t rows, size_t n, float *z, const float *bias, const float *gain,
                                   const float *shift, float eps, float *a, float *slope, float *inverse_sd) {
  const size_t step = rows_at_a_time(n);
  const size_t whole = n - n % LANES;
  const int overlaps = n > LANES && whole < n;
  lanes end;
  end_mask(&end, n - whole);
  for (size_t r0 = 0; r0 < rows; r0 += step) {
    const size_t r1 = r0 + step < rows ? r0 + step : rows;
    for (size_t r = r0; r < r1; r++) {
      float *zr = z + r * n, *vr = slope + r * n;
      lanes total = {0}, squares = {0}, v, w, tail = {0};
      /* The last vector is worked out before the others change what it covers twice, and stored after them. */
      if (overlaps) {
        load(&tail, zr + n - LANES);
        load(&w, bias + n - LANES);
        tail += w;
        total = tail * end;
      }
      for (size_t j = 0; j < whole; j += LANES) {
        load(&v, zr + j);
        load(&w, bias + j);
        v += w;
        total += v;
        store(zr + j, &v);
      }
      if (overlaps) {
        store(zr + n - LANES, &tail);
      } else {
        for (size_t j = whole; j < n; j++) zr[j] += bias[j];
        load_part(&v, zr + whole, n - whole);
        total += v;
      }
      const float mean = sum(&total) / (float)n;
      if (overlaps) {
        tail -= mean;
        v = tail * end;
        squares = v * v;
      }
      for (size_t j = 0; j < whole; j += LANES) {
        load(&v, zr + j);
        v -= mean;
        squares += v * v;
      }
      float rest = 0;
      if (!overlaps)
        for (size_t j = whole; j < n; j++) rest += (zr[j] - mean) * (zr[j] - mean);
      const float inverse = 1.0f / sqrtf((sum(&squares) + rest) / (float)n + eps);
      inverse_sd[r] = inverse;
      for (size_t j = 0; j < whole; j += LANES) {
        load(&v, zr + j);
        v = (v - mean) * inverse;
        store(zr + j, &v);
        load(&w, gain + j);
        v *= w;
        load(&w, shift + j);
        v += w;
        store(vr + j, &v);
      }
      if (overlaps) {
        tail *= inverse;
        store(zr + n - LANES, &tail);
        load(&w, gain + n - LANES);
        tail *= w;
        load(&w, shift + n - LANES);
        tail += w;
        store(vr + n - LANES, &tail);
      } else {
        for (size_t j = whole; j < n; j++) {
          zr[j] = (zr[j] - mean) * inverse;
          vr[j] = zr[j] * gain[j] + shift[j];
        }
      }
    }
    gelu_run((r1 - r0) * n, slope + r0 * n, a + r0 * n, slope + r0 * n);
  }
}

DMO_KERNEL void dmo_bias_gelu_backward(size_t rows, size_t n, float *g, const float *slope, float *gbias) {
  if (gbias) memset(gbias, 0, n * sizeof *gbias);
  for (size_t r = 0; r < rows; r++) {
    float *gr = g + r * n;
    const float *sr = slope + r * n;
    if (gbias) {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) {
        gr[j] *= sr[j];
        gbias[j] += gr[j];
      }
    } else {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) gr[j] *= sr[j];
    }
  }
}

DMO_KERNEL void dmo_bias_norm_gelu_backward(size_t rows, size_t n, float *g, const float *slope, const float *zhat,
                                            const float *inverse_sd, const float *gain, float *gbias, float *ggain,
                                            float *gshift) {
  const size_t whole = n - n % LANES;
  const int overlaps = n > LANES && whole < n;
  lanes end;
  end_mask(&end, n - whole);
  if (gbias) {
    memset(gbias, 0, n * sizeof *gbias);
    memset(ggain, 0, n * sizeof *ggain);
    memset(gshift, 0, n * sizeof *gshift);
  }
  for (size_t r = 0; r < rows; r++) {
    float *gr = g + r * n;
    const float *sr = slope + r * n, *hr = zhat + r * n;
    if (gbias) {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) {
        const float dv = gr[j] * sr[j];
        ggain[j] += dv * hr[j];
        gshift[j] += dv;
        gr[j] = dv * gain[j];
      }
    } else {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) gr[j] *= sr[j] * gain[j];
    }
    /* gr is now dL/dzhat; its mean and its part along zhat do not reach z. */
    lanes total, along, v, h;
    if (overlaps) {
      load(&total, gr + n - LANES);
      load(&along, hr + n - LANES);
      total *= end;
    } else {
      load_part(&total, gr + whole, n - whole);
      load_part(&along, hr + whole, n - whole);
    }
    along *= total;
    for (size_t j = 0; j < whole; j += LANES) {
      load(&v, gr + j);
      load(&h, hr + j);
      total += v;
      along += v * h;
    }
    const float mean = sum(&total) / (float)n;
    const float dot = sum(&along) / (float)n;
    const float inverse = inverse_sd[r];
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) gr[j] = inverse * (gr[j] - mean - hr[j] * dot);
    if (gbias) {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) gbias[j] += gr[j];
    }
  }
}

DMO_KERNEL void dmo_add_bias(size_t rows, size_t n, float *out, const float *bias) {
  for (size_t r = 0; r < rows; r++)
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) out[r * n + j] += bias[j];
}

DMO_KERNEL void dmo_column_sums(size_t rows, size_t n, const float *g, float *out) {
  memset(out, 0, n * sizeof *out);
  for (size_t r = 0; r < rows; r++)
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) out[j] += g[r * n + j];
}

DMO_KERNEL void dmo_outer(size_t rows, size_t n, const float *a, const float *b, float *out) {
  for (size_t r = 0; r < rows; r++)
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) out[r * n + j] = a[r] * b[j];
}

DMO_KERNEL void dmo_adam(size_t count, float *p, const float *g, float *m, float *v, float rate, float root,
                         float beta1, float rest1, float beta2, float rest2, float eps) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    const float gi = g[i];
    const float mi = beta1 * m[i] + rest1 * gi;
    const float vi = beta2 * v[i] + rest2 * gi * gi;
    m[i] = mi;
    v[i] = vi;
    p[i] -= rate * mi / (sqrtf(vi) * root + eps);
  }
}

DMO_KERNEL double dmo_absolute_loss(size_t count, const float *r, float *g, int64_t *used) {
  double sum = 0;
  int64_t n = 0;
  for (size_t i = 0; i < count; i++) {
    const float e = r[i];
    const int valid = e == e;
    g[i] = (float)((e > 0) - (e < 0));
    sum += valid ? fabsf(e) : 0.0f;
    n += valid;
  }
  *used = n;
  return sum;
}

DMO_KERNEL double dmo_graph_loss(size_t rows, size_t anchors, size_t n, size_t degree, const int32_t *neighbour,
                                 const float *r, float *g, int64_t *used) {
  memset(g, 0, rows * n * sizeof *g);
  double sum = 0;
  int64_t terms = 0;
  for (size_t i = 0; i < anchors; i++) {
    const float *ri = r + i * n;
    float *gi = g + i * n;
    for (size_t k = 0; k < degree; k++) {
      const size_t j = (size_t)neighbour[i * degree + k];
      const float *rj = r + j * n;
      float *gj = g + j * n;
      for (size_t c = 0; c < n; c++) {
        const float e = ri[c] - rj[c];
        const int valid = e == e;
        const float s = (float)((e > 0) - (e < 0));
        sum += valid ? fabsf(e) : 0.0f;
        terms += valid;
        gi[c] += s;
        gj[c] -= s;
      }
    }
  }
  *used = terms;
  return sum;
}

DMO_KERNEL double dmo_squared_loss(size_t count, const float *r, float *g, int64_t *used) {
  double sum = 0;
  int64_t n = 0;
  for (size_t i = 0; i < count; i++) {
    const float e = r[i];
    const int valid = e == e;
    g[i] = valid ? 2.0f * e : 0.0f;
    sum += valid ? (double)e * e : 0.0;
    n += valid;
  }
  *used = n;
  return sum;
}

DMO_KERNEL double dmo_weighted_graph_loss(size_t rows, size_t anchors, size_t n, size_t degree,
                                          const int32_t *neighbour, const float *w, int squared, const float *r,
                                          float *g, double *weight) {
  memset(g, 0, rows * n * sizeof *g);
  double sum = 0, total = 0;
  for (size_t i = 0; i < anchors; i++) {
    const float *ri = r + i * n;
    float *gi = g + i * n;
    for (size_t k = 0; k < degree; k++) {
      const size_t j = (size_t)neighbour[i * degree + k];
      const float *rj = r + j * n;
      float *gj = g + j * n;
      const float wk = w ? w[i * degree + k] : 1.0f;
      for (size_t c = 0; c < n; c++) {
        const float e = ri[c] - rj[c];
        const int valid = e == e;
        const float sign = (float)((e > 0) - (e < 0));
        const float s = valid ? wk * (squared ? 2.0f * e : sign) : 0.0f;
        const float term = squared ? e * e : e * sign;
        sum += valid ? (double)(wk * term) : 0.0;
        total += valid ? (double)wk : 0.0;
        gi[c] += s;
        gj[c] -= s;
      }
    }
  }
  *weight = total;
  return sum;
}

DMO_KERNEL void dmo_add_scaled(size_t count, float factor, const float *x, float *out) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) out[i] += factor * x[i];
}

DMO_KERNEL double dmo_sum_of_squares(size_t count, const float *x) {
  double lane[LANES] = {0};
  const size_t whole = count - count % LANES;
  for (size_t i = 0; i < whole; i += LANES)
    for (size_t k = 0; k < LANES; k++) lane[k] += (double)x[i + k] * x[i + k];
  for (size_t i = whole; i < count; i++) lane[i - whole] += (double)x[i] * x[i];
  for (int w = LANES / 2; w > 0; w /= 2)
    for (int k = 0; k < w; k++) lane[k] += lane[k + w];
  return lane[0];
}

DMO_KERNEL void dmo_scale(size_t count, float factor, float *x) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) x[i] *= factor;
}

DMO_KERNEL void dmo_subtract(size_t count, float *out, const float *y) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) out[i] -= y[i];
}

DMO_KERNEL void dmo_squared_distances(size_t rows, size_t n, const double *x, const double *point,
                                      const uint8_t *wraps, double *out) {
  enum { WIDTH = 8 };
  const size_t whole = n - n % WIDTH;
  for (size_t r = 0; r < rows; r++) {
    const double *xr = x + r * n;
    double lane[WIDTH] = {0};
    if (wraps) {
      for (size_t j = 0; j < n; j++) {
        double d = fabs(xr[j] - point[j]);
        if (wraps[j] && d > 0.5) d = 1.0 - d;
        lane[j % WIDTH] += d * d;
      }
    } else {
      for (size_t j = 0; j < whole; j += WIDTH)
        for (size_t k = 0; k < WIDTH; k++) {
          const double d = xr[j + k] - point[j + k];
          lane[k] += d * d;
        }
      for (size_t j = whole; j < n; j++) {
        const double d = xr[j] - point[j];
        lane[j - whole] += d * d;
      }
    }
    for (int w = WIDTH / 2; w > 0; w /= 2)
      for (int k = 0; k < w; k++) lane[k] += lane[k + w];
    out[r] = lane[0];
  }
}

DMO_KERNEL void dmo_other_distances(size_t rows, size_t n, const double *x, const double *point,
                                    const uint8_t *wraps, int largest, double *out) {
  for (size_t r = 0; r < rows; r++) {
    const double *xr = x + r * n;
    double total = 0;
    for (size_t j = 0; j < n; j++) {
      double d = fabs(xr[j] - point[j]);
      if (wraps && wraps[j] && d > 0.5) d = 1.0 - d;
      total = largest ? (d > total ? d : total) : total + d;
    }
    out[r] = total;
  }
}

/* Puts j into a sorted list that holds `held` of at most k entries, behind its equals. */
INLINE void insert_neighbour(size_t held, size_t k, int32_t j, double d, int32_t *indices, double *distances) {
  size_t slot = held;
  if (slot == k) {
    if (k == 0 || !(d < distances[k - 1])) return;
    slot = k - 1;
  }
  for (; slot > 0 && distances[slot - 1] > d; slot--) {
    distances[slot] = distances[slot - 1];
    indices[slot] = indices[slot - 1];
  }
  distances[slot] = d;
  indices[slot] = j;
}

void dmo_join_neighbours(size_t count, size_t k, const double *squared, int32_t *indices, double *distances) {
  const size_t others = count > 0 ? count - 1 : 0, held = others < k ? others : k;
  for (size_t i = 0; i < count; i++) {
    insert_neighbour(held, k, (int32_t)count, squared[i], indices + i * k, distances + i * k);
    insert_neighbour(i < k ? i : k, k, (int32_t)i, squared[i], indices + count * k, distances + count * k);
  }
}
