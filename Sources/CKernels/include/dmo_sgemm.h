#ifndef DMO_SGEMM_H
#define DMO_SGEMM_H
/*
 * Products of small matrices in single precision for processors with AVX-512, where a general library spends much of its
 * time outside the multiply-adds. All arrays are row major and dense; c is overwritten. Nothing allocates. [any thread]
 */
#include <stddef.h>

/* Whether this processor can; without it none of the functions below may be called. */
int dmo_sgemm_works(void);

/* c = a b; a: (m, k), b: (k, n), c: (m, n). */
void dmo_sgemm_ab(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/* c = a b'; a: (m, k), b: (n, k), c: (m, n). */
void dmo_sgemm_abt(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

/* c = a' b; a: (k, m), b: (k, n), c: (m, n). */
void dmo_sgemm_atb(size_t m, size_t n, size_t k, const float *a, const float *b, float *c);

#endif
