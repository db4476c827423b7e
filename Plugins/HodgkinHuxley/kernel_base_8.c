/* The loops for any machine: what the compiler takes as the baseline (SSE2 on x86-64, NEON on arm64). */
#pragma GCC diagnostic ignored "-Wpsabi" /* every function that passes lanes is inlined, so no ABI is involved */
#define HH_WIDTH 8
#define HH_TABLE hh_kernels_base_8
#define HH_TABLE_NAME "base"
#include "kernel_body.h"
