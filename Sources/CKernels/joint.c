#include "dmo_joint.h"

#include <math.h>

#include "lanes.h"

INLINE float dot(size_t n, const float *a, const float *b) {
  const size_t whole = n - n % LANES;
  lanes total, v, w;
  load_part(&total, a + whole, n - whole);
  load_part(&w, b + whole, n - whole);
  total *= w;
  for (size_t j = 0; j < whole; j += LANES) {
    load(&v, a + j);
    load(&w, b + j);
    total += v * w;
  }
  return sum(&total);
}

/* out += factor * v */
INLINE void add_multiple(size_t n, float factor, const float *v, float *out) {
#pragma clang loop vectorize(assume_safety)
  for (size_t j = 0; j < n; j++) out[j] += factor * v[j];
}

DMO_KERNEL void dmo_layer_norm(size_t rows, size_t n, const float *x, const float *gain, const float *shift, float eps,
                               float *out, float *xhat, float *inverse_sd) {
  const size_t whole = n - n % LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *xr = x + r * n;
    float *hr = xhat + r * n, *or = out + r * n;
    lanes total, squares = {0}, v;
    load_part(&total, xr + whole, n - whole);
    for (size_t j = 0; j < whole; j += LANES) {
      load(&v, xr + j);
      total += v;
    }
    const float mean = sum(&total) / (float)n;
    for (size_t j = 0; j < whole; j += LANES) {
      load(&v, xr + j);
      v -= mean;
      squares += v * v;
    }
    float rest = 0;
    for (size_t j = whole; j < n; j++) rest += (xr[j] - mean) * (xr[j] - mean);
    const float inverse = 1.0f / sqrtf((sum(&squares) + rest) / (float)n + eps);
    inverse_sd[r] = inverse;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) {
      const float h = (xr[j] - mean) * inverse;
      hr[j] = h;
      or[j] = h * gain[j] + shift[j];
    }
  }
}

DMO_KERNEL void dmo_layer_norm_backward(size_t rows, size_t n, float *g, const float *xhat, const float *inverse_sd,
                                        const float *gain, float *ggain, float *gshift) {
  if (ggain) {
    memset(ggain, 0, n * sizeof *ggain);
    memset(gshift, 0, n * sizeof *gshift);
  }
  for (size_t r = 0; r < rows; r++) {
    float *gr = g + r * n;
    const float *hr = xhat + r * n;
    if (ggain) {
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < n; j++) {
        ggain[j] += gr[j] * hr[j];
        gshift[j] += gr[j];
      }
    }
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) gr[j] *= gain[j];
    /* The mean of dL/dxhat and its part along xhat do not reach x. */
    float total = 0;
    {
      const size_t whole = n - n % LANES;
      lanes s, v;
      load_part(&s, gr + whole, n - whole);
      for (size_t j = 0; j < whole; j += LANES) {
        load(&v, gr + j);
        s += v;
      }
      total = sum(&s);
    }
    const float mean = total / (float)n, along = dot(n, gr, hr) / (float)n, inverse = inverse_sd[r];
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) gr[j] = inverse * (gr[j] - mean - hr[j] * along);
  }
}

/* Columns first ... first + size of `tokens` rows that are `stride` long, transposed: out is (size, tokens). */
INLINE void transposed(size_t tokens, size_t size, size_t stride, const float *from, float *out) {
  for (size_t t = 0; t < tokens; t++)
    for (size_t c = 0; c < size; c++) out[c * tokens + t] = from[t * stride + c];
}

/* In place; x: (n). */
INLINE void softmax(size_t n, float *x) {
  float top = x[0];
  for (size_t j = 1; j < n; j++) top = x[j] > top ? x[j] : top;
#pragma clang loop vectorize(assume_safety)
  for (size_t j = 0; j < n; j++) x[j] = exponential(x[j] - top);
  float total = 0;
  for (size_t j = 0; j < n; j++) total += x[j];
  const float factor = 1.0f / total;
#pragma clang loop vectorize(assume_safety)
  for (size_t j = 0; j < n; j++) x[j] *= factor;
}

DMO_KERNEL void dmo_attention(size_t rows, size_t queries, size_t tokens, size_t heads, size_t size, const float *q,
                              const float *kv, float *p, float *out) {
  const size_t d = heads * size;
  const float scale = 1.0f / sqrtf((float)size);
  float keys[DMO_MAX_TOKENS * DMO_MAX_HEAD];
  for (size_t r = 0; r < rows; r++) {
    for (size_t h = 0; h < heads; h++) {
      const float *k = kv + r * tokens * 2 * d + h * size, *v = k + d;
      transposed(tokens, size, 2 * d, k, keys);
      for (size_t i = 0; i < queries; i++) {
        const float *qi = q + (r * queries + i) * d + h * size;
        float *pi = p + ((r * heads + h) * queries + i) * tokens, *oi = out + (r * queries + i) * d + h * size;
        memset(pi, 0, tokens * sizeof *pi);
        for (size_t c = 0; c < size; c++) add_multiple(tokens, scale * qi[c], keys + c * tokens, pi);
        softmax(tokens, pi);
        memset(oi, 0, size * sizeof *oi);
        for (size_t j = 0; j < tokens; j++) add_multiple(size, pi[j], v + j * 2 * d, oi);
      }
    }
  }
}

DMO_KERNEL void dmo_attention_backward(size_t rows, size_t queries, size_t tokens, size_t heads, size_t size,
                                       const float *q, const float *kv, const float *p, const float *gout, float *gq,
                                       float *gkv) {
  const size_t d = heads * size;
  const float scale = 1.0f / sqrtf((float)size);
  float values[DMO_MAX_TOKENS * DMO_MAX_HEAD], gs[DMO_MAX_TOKENS];
  memset(gkv, 0, rows * tokens * 2 * d * sizeof *gkv);
  memset(gq, 0, rows * queries * d * sizeof *gq);
  for (size_t r = 0; r < rows; r++) {
    for (size_t h = 0; h < heads; h++) {
      const size_t first = r * tokens * 2 * d + h * size;
      const float *k = kv + first;
      float *gk = gkv + first, *gv = gk + d;
      transposed(tokens, size, 2 * d, k + d, values);
      for (size_t i = 0; i < queries; i++) {
        const size_t at = (r * queries + i) * d + h * size;
        const float *pi = p + ((r * heads + h) * queries + i) * tokens, *gi = gout + at;
        memset(gs, 0, tokens * sizeof *gs);
        for (size_t c = 0; c < size; c++) add_multiple(tokens, gi[c], values + c * tokens, gs);
        const float mean = dot(tokens, pi, gs);
#pragma clang loop vectorize(assume_safety)
        for (size_t j = 0; j < tokens; j++) gs[j] = scale * pi[j] * (gs[j] - mean);
        for (size_t j = 0; j < tokens; j++) {
          add_multiple(size, gs[j], k + j * 2 * d, gq + at);
          add_multiple(size, gs[j], q + at, gk + j * 2 * d);
          add_multiple(size, pi[j], gi, gv + j * 2 * d);
        }
      }
    }
  }
}

DMO_KERNEL void dmo_tokens(size_t rows, size_t features, size_t tokens, size_t d, const float *x, const int32_t *owner,
                           const float *weight, const float *bias, const float *cls, float *h) {
  for (size_t r = 0; r < rows; r++) {
    float *hr = h + r * (1 + tokens) * d;
    memcpy(hr, cls, d * sizeof *hr);
    memcpy(hr + d, bias, tokens * d * sizeof *hr);
    for (size_t f = 0; f < features; f++)
      add_multiple(d, x[r * features + f], weight + f * d, hr + (1 + (size_t)owner[f]) * d);
  }
}

DMO_KERNEL void dmo_tokens_backward(size_t rows, size_t features, size_t tokens, size_t d, const float *x,
                                    const int32_t *owner, const float *weight, const float *g, float *gweight,
                                    float *gbias, float *gcls, float *gx) {
  if (gweight) {
    memset(gweight, 0, features * d * sizeof *gweight);
    memset(gbias, 0, tokens * d * sizeof *gbias);
    memset(gcls, 0, d * sizeof *gcls);
  }
  for (size_t r = 0; r < rows; r++) {
    const float *gr = g + r * (1 + tokens) * d;
    if (gweight) {
      add_multiple(d, 1, gr, gcls);
      add_multiple(tokens * d, 1, gr + d, gbias);
      for (size_t f = 0; f < features; f++)
        add_multiple(d, x[r * features + f], gr + (1 + (size_t)owner[f]) * d, gweight + f * d);
    }
    if (gx)
      for (size_t f = 0; f < features; f++)
        gx[r * features + f] = dot(d, weight + f * d, gr + (1 + (size_t)owner[f]) * d);
  }
}

DMO_KERNEL void dmo_add_residual(size_t rows, size_t n, float *h, const float *z, const float *bias) {
  for (size_t r = 0; r < rows; r++)
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) h[r * n + j] += z[r * n + j] + bias[j];
}

DMO_KERNEL void dmo_add(size_t count, float *a, const float *b) { add_multiple(count, 1, b, a); }

DMO_KERNEL void dmo_move_rows(size_t rows, size_t n, const float *from, size_t from_stride, float *to,
                              size_t to_stride, int adds) {
  for (size_t r = 0; r < rows; r++) {
    if (adds)
      add_multiple(n, 1, from + r * from_stride, to + r * to_stride);
    else
      memcpy(to + r * to_stride, from + r * from_stride, n * sizeof *to);
  }
}

/* Of a logit o towards the share y of yes, with weights for yes and no; *g is the slope. */
INLINE double cross_entropy(float o, float y, float positive, float negative, float *g) {
  const float t = exponential(-fabsf(o)), tail = log1pf(t);
  const float s = o >= 0 ? 1.0f / (1.0f + t) : t / (1.0f + t);
  const float log_yes = (o < 0 ? o : 0.0f) - tail, log_no = (o > 0 ? -o : 0.0f) - tail;
  *g = negative * (1 - y) * s - positive * y * (1 - s);
  return -(double)(positive * y * log_yes + negative * (1 - y) * log_no);
}

INLINE double huber(float e, float *g) {
  const float size = fabsf(e);
  if (size <= 1) {
    *g = e;
    return 0.5 * (double)(e * e);
  }
  *g = e > 0 ? 1.0f : -1.0f;
  return (double)size - 0.5;
}

DMO_KERNEL double dmo_joint_loss(size_t rows, size_t n, size_t regressions, const float *o, const float *y,
                                 const float *row_weight, const float *weight, const float *positive,
                                 const float *negative, float *g) {
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < n; c++) {
      const size_t at = r * n + c;
      const float factor = weight[c] * row_weight[r];
      if (y[at] != y[at] || factor == 0) {
        g[at] = 0;
        continue;
      }
      float slope;
      const double part = c < regressions ? huber(o[at] - y[at], &slope)
                                          : cross_entropy(o[at], y[at], positive[c], negative[c], &slope);
      g[at] = factor * slope;
      total += (double)factor * part;
    }
  }
  return total;
}

DMO_KERNEL void dmo_matern52(size_t rows, size_t n, const float *own, const float *others, float *k, float *slope) {
  for (size_t r = 0; r < rows; r++) {
    float *kr = k + r * n, *sr = slope + r * n;
    const float o = own[r];
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < n; j++) {
      float t = o + others[j] - 2.0f * kr[j];
      t = t > 0.0f ? t : 0.0f;
      const float q = 5.0f * t;
      const float d = sqrtf(q), e = exponential(-d);
      kr[j] = (1.0f + d + q * (1.0f / 3.0f)) * e;
      sr[j] = (-5.0f / 6.0f) * (1.0f + d) * e;
    }
  }
}
