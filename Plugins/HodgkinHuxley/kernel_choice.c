#include <stdlib.h>
#include <string.h>
#include "kernel.h"

extern const hh_kernels hh_kernels_base_2, hh_kernels_base_8;
#if defined(__x86_64__)
extern const hh_kernels hh_kernels_avx2_2, hh_kernels_avx2_8, hh_kernels_avx512_2, hh_kernels_avx512_8;
#endif

hh_kernel_pair hh_kernels_here(void) {
#if defined(__x86_64__)
  const char *wish = getenv("HH_KERNELS");
  int limit = !wish ? 2 : strcmp(wish, "base") == 0 ? 0 : strcmp(wish, "avx2") == 0 ? 1 : 2;
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
  if (avx512 && limit > 1) return (hh_kernel_pair){&hh_kernels_avx512_2, &hh_kernels_avx512_8};
  if (avx2 && limit > 0) return (hh_kernel_pair){&hh_kernels_avx2_2, &hh_kernels_avx2_8};
#endif
  return (hh_kernel_pair){&hh_kernels_base_2, &hh_kernels_base_8};
}
