#ifndef DMO_JOINT_H
#define DMO_JOINT_H
/*
 * The fused loops of the joint network: LayerNorm, multi-head attention over short token sequences, per-feature
 * tokens, and its loss. Row-major single precision. Nothing allocates, keeps state or fails. In and out must not
 * overlap.
 */
#include <stddef.h>
#include <stdint.h>

/* Most tokens of a row and most numbers of a head: bounds of the attention's local scratch (64 KiB). */
enum { DMO_MAX_TOKENS = 128, DMO_MAX_HEAD = 128 };

/*
 * out = gain xhat + shift with xhat = (x - mean) / sqrt(variance + eps), row by row (Ba, Kiros & Hinton 2016).
 * x, xhat, out: (rows, n). inverse_sd: (rows). gain, shift: (n). xhat and inverse_sd are kept for the way back.
 */
void dmo_layer_norm(size_t rows, size_t n, const float *x, const float *gain, const float *shift, float eps,
                    float *out, float *xhat, float *inverse_sd);

/* g: dL/dout to dL/dx in place. ggain, gshift: (n), or both NULL. */
void dmo_layer_norm_backward(size_t rows, size_t n, float *g, const float *xhat, const float *inverse_sd,
                             const float *gain, float *ggain, float *gshift);

/*
 * out = softmax(q k' / sqrt(head size)) v for each row and head (Vaswani et al. 2017, eq. 1).
 * q, out: (rows, queries, heads * size). kv: (rows, tokens, 2 * heads * size), keys first, then values.
 * p: (rows, heads, queries, tokens), the softmax, kept for the way back. tokens <= DMO_MAX_TOKENS, size <=
 * DMO_MAX_HEAD.
 */
void dmo_attention(size_t rows, size_t queries, size_t tokens, size_t heads, size_t size, const float *q,
                   const float *kv, float *p, float *out);

/* gout: dL/dout; gq, gkv: set to dL/dq and dL/dkv. The other shapes as above. */
void dmo_attention_backward(size_t rows, size_t queries, size_t tokens, size_t heads, size_t size, const float *q,
                            const float *kv, const float *p, const float *gout, float *gq, float *gkv);

/*
 * h[r][0] = cls; h[r][1 + t] = bias[t] + sum over the features f of token t of x[r][f] weight[f].
 * x: (rows, features). owner: (features), each feature's token, ascending. weight: (features, d). bias: (tokens, d).
 * cls: (d). h: (rows, 1 + tokens, d).
 */
void dmo_tokens(size_t rows, size_t features, size_t tokens, size_t d, const float *x, const int32_t *owner,
                const float *weight, const float *bias, const float *cls, float *h);

/* g: dL/dh. Either all of gweight, gbias, gcls are given and set, or none; gx: (rows, features), set, or NULL. */
void dmo_tokens_backward(size_t rows, size_t features, size_t tokens, size_t d, const float *x, const int32_t *owner,
                         const float *weight, const float *g, float *gweight, float *gbias, float *gcls, float *gx);

/* h += z + bias; h, z: (rows, n), bias: (n). */
void dmo_add_residual(size_t rows, size_t n, float *h, const float *z, const float *bias);

/* a += b. */
void dmo_add(size_t count, float *a, const float *b);

/* Rows of n numbers, `from_stride` and `to_stride` apart; added where `adds`, else copied. */
void dmo_move_rows(size_t rows, size_t n, const float *from, size_t from_stride, float *to, size_t to_stride, int adds);

/*
 * The joint loss and its gradient g with respect to the outputs o: (rows, n) each, as y. Column c contributes
 * weight[c] * row_weight[r] * l, over the entries whose target y is not NaN:
 *   c < regressions   l = Huber(o - y), quadratic up to 1
 *   else              l = -(positive[c] y log s + negative[c] (1 - y) log(1 - s)), s the logistic function of o
 * Returns the sum.
 */
double dmo_joint_loss(size_t rows, size_t n, size_t regressions, const float *o, const float *y,
                      const float *row_weight, const float *weight, const float *positive, const float *negative, float *g);

/*
 * Matern correlations k = (1 + d + d^2/3) e^-d, d = sqrt(5 t), of the squared distance t = own[r] + others[j] - 2 k[r, j], not
 * less than 0, of products k: (rows, n), overwritten; slope: (rows, n), set to dk/dt. own: (rows), others: (n), the squared
 * lengths.
 */
void dmo_matern52(size_t rows, size_t n, const float *own, const float *others, float *k, float *slope);

#endif
