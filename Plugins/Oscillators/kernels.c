/* Chooses the kernels for this processor. */
#include "kernels.h"

const osc_kernels *osc_kernels_best(void) {
#if defined(OSC_KERNELS)
  return &OSC_KERNELS; /* the tests build each set by itself */
#elif defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return &osc_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &osc_kernels_avx2;
  return &osc_kernels_generic;
#else
  return &osc_kernels_generic;
#endif
}
