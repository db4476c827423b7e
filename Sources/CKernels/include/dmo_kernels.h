#ifndef DMO_KERNELS_H
#define DMO_KERNELS_H
/*
 * The network's hot loops in single precision: everything between two matrix products.
 *
 * All arrays are row major and dense. Nothing here allocates, keeps state or fails. Each function is compiled for
 * several levels of x86-64 and the loader picks one, so a portable build is still fast; a result is the same to the
 * bit on one kind of processor. [any thread]
 */
#include <stddef.h>
#include <stdint.h>

#include "dmo_gp.h"
#include "dmo_sgemm.h"

/*
 * z += bias, a = gelu(z), slope = gelu'(z), with gelu(z) = z Phi(z) and Phi the normal distribution function.
 * z: (rows, n), overwritten by slope. bias: (n). a: (rows, n).
 * Phi is within 1e-7 of its value, gelu' within 2e-7.
 */
void dmo_bias_gelu(size_t rows, size_t n, float *z, const float *bias, float *a);

/*
 * u = z + bias; zhat = (u - mean(u)) / sqrt(var(u) + eps) by row; v = gain zhat + shift; a = gelu(v), slope = gelu'(v).
 * z: (rows, n), overwritten by zhat. a, slope: (rows, n). inverse_sd: (rows).
 */
void dmo_bias_norm_gelu(size_t rows, size_t n, float *z, const float *bias, const float *gain, const float *shift,
                        float eps, float *a, float *slope, float *inverse_sd);

/*
 * The backward pass of dmo_bias_gelu. g: (rows, n), dL/da on entry, dL/dz on return.
 * gbias: (n), set to dL/dbias; may be NULL where only dL/dz is wanted.
 */
void dmo_bias_gelu_backward(size_t rows, size_t n, float *g, const float *slope, float *gbias);

/*
 * The backward pass of dmo_bias_norm_gelu. g: (rows, n), dL/da on entry, dL/dz on return.
 * gbias, ggain, gshift: (n), set; either all or none are NULL.
 */
void dmo_bias_norm_gelu_backward(size_t rows, size_t n, float *g, const float *slope, const float *zhat,
                                 const float *inverse_sd, const float *gain, float *gbias, float *ggain,
                                 float *gshift);

/* out += bias by row. out: (rows, n). */
void dmo_add_bias(size_t rows, size_t n, float *out, const float *bias);

/* out = the sum over rows. g: (rows, n), out: (n). */
void dmo_column_sums(size_t rows, size_t n, const float *g, float *out);

/* out = a b': a: (rows), b: (n), out: (rows, n). */
void dmo_outer(size_t rows, size_t n, const float *a, const float *b, float *out);

/*
 * One step of Adam (Kingma & Ba 2015, algorithm 1) over `count` parameters:
 * m = beta1 m + rest1 g; v = beta2 v + rest2 g^2; p -= rate m / (sqrt(v) root + eps), where the caller folds the two
 * bias corrections into rate = lr / (1 - beta1^t) and root = 1 / sqrt(1 - beta2^t), and gives rest = 1 - beta as
 * rounded from double precision: in single precision 1 - 0.999 is off by 1e-5.
 */
void dmo_adam(size_t count, float *p, const float *g, float *m, float *v, float rate, float root, float beta1,
              float rest1, float beta2, float rest2, float eps);

/*
 * Mean absolute residual over the entries that are not NaN, without the division: the sum of |r| is returned,
 * `used` is the number of entries, and g is sign(r), 0 where r = 0 or NaN.
 */
double dmo_absolute_loss(size_t count, const float *r, float *g, int64_t *used);

/*
 * Total variation of r on a graph: the sum of |r_ic - r_jc| over the arcs i -> j and columns c where neither is NaN.
 * r: (rows, n). Row i's arcs go to neighbour[i * degree ... ], degree of them, for i < anchors.
 * g: (rows, n), set to the sum's derivative with respect to r: small whole numbers. `used`: the terms counted.
 */
double dmo_graph_loss(size_t rows, size_t anchors, size_t n, size_t degree, const int32_t *neighbour, const float *r,
                      float *g, int64_t *used);

/* The same with squares: the sum of r^2, and g is 2 r, 0 where r is NaN. */
double dmo_squared_loss(size_t count, const float *r, float *g, int64_t *used);

/*
 * As dmo_graph_loss with a weight w >= 0 for each arc, laid out as `neighbour` (NULL: all 1), and |e| or, where `squared`
 * is not 0, e^2 of a difference e. *weight is the sum of the weights of the terms counted.
 */
double dmo_weighted_graph_loss(size_t rows, size_t anchors, size_t n, size_t degree, const int32_t *neighbour,
                               const float *w, int squared, const float *r, float *g, double *weight);

/* out = out + factor x. */
void dmo_add_scaled(size_t count, float factor, const float *x, float *out);

/* The sum of squares, each product in double precision. */
double dmo_sum_of_squares(size_t count, const float *x);

/* x = factor x. */
void dmo_scale(size_t count, float factor, float *x);

/* out[k] = out[k] - y[k]. NaN in y gives NaN. */
void dmo_subtract(size_t count, float *out, const float *y);

/*
 * Squared Euclidean distances from a point to `rows` points. x: (rows, n), point: (n), out: (rows).
 * wraps: (n), nonzero where the coordinate lives on a circle of circumference 1; NULL when none does.
 */
void dmo_squared_distances(size_t rows, size_t n, const double *x, const double *point, const uint8_t *wraps,
                           double *out);

/* The same with the sum of the coordinates' distances, or, where `largest` is not 0, the largest of them. */
void dmo_other_distances(size_t rows, size_t n, const double *x, const double *point, const uint8_t *wraps,
                         int largest, double *out);

/*
 * Point number `count` joins the sorted lists of the k nearest: it enters those of the earlier points that it is near
 * to, and its own list is made. Equal distances stand in the order of arrival.
 * squared: (count), its squared distances. indices, distances: (count + 1, k); min(k, count - 1) entries of the
 * earlier rows are in use before, min(k, count) of all rows after.
 */
void dmo_join_neighbours(size_t count, size_t k, const double *squared, int32_t *indices, double *distances);

#endif
