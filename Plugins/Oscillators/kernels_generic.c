/* The kernels in vectors of two, which every 64-bit machine has.  Without fused multiply-adds: the C compiler may not
 * form them by itself either, or the layouts would differ. */
#define KERNEL static inline __attribute__((always_inline))
#define ENTRY static
#define WIDTH 2
#define NAME "generic"
#define TABLE osc_kernels_generic

typedef double vec __attribute__((vector_size(16), may_alias));
typedef long long ivec __attribute__((vector_size(16), may_alias));

KERNEL vec vec_set(double x) { return (vec){x, x}; }
KERNEL vec vec_fma(vec a, vec b, vec c) { return a * b + c; }
KERNEL int vec_any_above(vec x, double limit) {
  return x[0] > limit || x[0] < -limit || x[1] > limit || x[1] < -limit;
}

#include "kernels_body.h"
