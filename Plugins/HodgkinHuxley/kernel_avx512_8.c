/* The loops for x86-64 machines with avx512f,avx512dq,avx512vl,avx2,fma. */
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx2,fma")
#endif
#pragma GCC diagnostic ignored "-Wpsabi" /* every function that passes lanes is inlined, so no ABI is involved */
#define HH_WIDTH 8
#define HH_TABLE hh_kernels_avx512_8
#define HH_TABLE_NAME "avx512"
#include "kernel_body.h"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
typedef int hh_no_avx512_8; /* a translation unit must not be empty */
#endif
