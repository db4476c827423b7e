#ifndef DMO_GP_H
#define DMO_GP_H
/*
 * A Gaussian process's hot loops in double precision: correlations and their derivatives.
 *
 * The correlation is a function of r^2 = sum_k (a_k - b_k)^2 over inputs divided by their lengthscales:
 *   DMO_MATERN52  (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r), slope d/d(r^2) = -5/6 (1 + sqrt(5) r) exp(-sqrt(5) r)
 *   DMO_RBF       exp(-r^2 / 2),                            slope d/d(r^2) = -1/2 exp(-r^2 / 2)
 * (Rasmussen & Williams 2006, eq. 4.17 and 4.9). Inputs stand coordinate by coordinate: xt is (d, ldx), row k holds the
 * k-th scaled coordinate of all points. Nothing here allocates, keeps state or fails.
 */
#include <stddef.h>

enum { DMO_MATERN52 = 0, DMO_RBF = 1 };

/* Squared distances of a point from the first `n` points. z: (d), scaled. out: (n). */
void dmo_gp_distances(size_t n, size_t d, size_t ldx, const double *xt, const double *z, double *out);

/* Correlations from factor * squared distances. r2, k, slope: (n); k or slope may be r2. */
void dmo_gp_correlations(int kind, size_t n, double factor, const double *r2, double *k, double *slope);

/*
 * Squared distances of all pairs: the lower triangle without the diagonal of out, (n, ld) row major.
 */
void dmo_gp_all_distances(size_t n, size_t d, size_t ldx, const double *xt, size_t ld, double *out);

/*
 * The lower triangles of the correlation matrix, `diagonal` on its diagonal, and of the slopes (0 on the diagonal).
 * r2, k, slope: (n, ld) row major; slope may be r2. `factor` multiplies r2.
 */
void dmo_gp_matrix(int kind, size_t n, size_t ld, double factor, double diagonal, const double *r2, double *k,
                   double *slope);

/*
 * w = (alpha alpha' - inverse) * slope, entry by entry, below the diagonal. inverse, slope, w: (n, ld) row major; w may
 * be either. Returns the sum of w * r2 where r2 is given, else 0.
 */
double dmo_gp_weights(size_t n, size_t ld, const double *alpha, const double *inverse, const double *slope,
                      const double *r2, double *w);

/* out_k = sum over i > j of w_ij (x_ki - x_kj)^2. w: (n, ld) row major; out: (d). */
void dmo_gp_gradient(size_t n, size_t d, size_t ldx, const double *xt, size_t ld, const double *w, double *out);

#endif
