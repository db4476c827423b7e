/* The kernels' source, included once by each kernels_*.c, which defines the vector type and its few operations. */
#include "kernels.h"

#include <math.h>

#if defined(__clang__)
/* A multiply-add is fused exactly where vec_fma() stands.  (GCC in ISO mode fuses none, and ignores the pragma.) */
#  pragma STDC FP_CONTRACT OFF
#endif

KERNEL vec vec_load(const double *p) { return *(const vec *)p; }
KERNEL void vec_store(double *p, vec x) { *(vec *)p = x; }

#include "kernels_sine.h"
#include "kernels_product.h"
#include "kernels_steps.h"

const osc_kernels TABLE = {
  .name = NAME, .width = WIDTH, .forward = forward, .adjoint = adjoint, .tangent = tangent,
  .sines = sines, .cosines = cosines,
};
