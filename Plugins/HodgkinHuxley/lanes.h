/* HH_WIDTH doubles side by side, and 2^x on them.
 *
 * The types are the vector extension of GCC and Clang; kernel_*.c compile them for several instruction sets and widths.
 * A lane never sees its neighbours and all widths are built from the same expressions, so an answer depends neither on
 * the lane nor on the width that computed it. */
#ifndef HH_LANES_H
#define HH_LANES_H
#include <stdint.h>
#include "kernel.h"

typedef double lanes __attribute__((vector_size(8 * HH_WIDTH), aligned(8)));
typedef int64_t lane_mask __attribute__((vector_size(8 * HH_WIDTH), aligned(8)));

#define HH_INLINE static inline __attribute__((always_inline))
#define LOAD(array) (*(const lanes *)(array))
#define STORE(array, value) (*(lanes *)(array) = (value))

HH_INLINE lanes lanes_of(double x) { return x - (lanes){0}; }

/* yes where the mask is set (all bits), no elsewhere. */
HH_INLINE lanes lanes_select(lane_mask mask, lanes yes, lanes no) {
  return (lanes)((mask & (lane_mask)yes) | (~mask & (lane_mask)no));
}

/* Where either is NaN, b. */
HH_INLINE lanes lanes_max(lanes a, lanes b) { return lanes_select(a > b, a, b); }
HH_INLINE lanes lanes_min(lanes a, lanes b) { return lanes_select(a < b, a, b); }

/* 2^x for |x| <= 1000, cut off beyond; NaN for NaN.  Relative error within 2^-51 of the x that it is given.
 *
 * x = k + f, |f| <= 1/2; 2^f by the polynomial of degree 11 with the least largest relative error on that interval
 * (3.1e-18, found by the Remez exchange), 2^x by adding k to the exponent. */
HH_INLINE lanes lanes_exp2(lanes x) {
  const double shift = 0x1.8p52; /* pushes the integer part into the low bits, rounding to nearest */
  lanes k_bits = x + shift;
  lanes f = x - (k_bits - shift);
  k_bits = lanes_max(lanes_of(shift - 1000), lanes_min(lanes_of(shift + 1000), k_bits));
  lanes f2 = f * f, f4 = f2 * f2;
  lanes p01 = 1.0 + f * 0x1.62e42fefa39efp-1;
  lanes p23 = 0x1.ebfbdff82c5adp-3 + f * 0x1.c6b08d7049fcfp-5;
  lanes p45 = 0x1.3b2ab6fb9f3b7p-7 + f * 0x1.5d87fe78cf4fap-10;
  lanes p67 = 0x1.43091310d2024p-13 + f * 0x1.ffcbfba734dbcp-17;
  lanes p89 = 0x1.62bfc3919fb33p-20 + f * 0x1.b52679242818ap-24;
  lanes pab = 0x1.e6215193fbf6bp-28 + f * 0x1.e7a9d243b6e7bp-32;
  lanes high = (p45 + p67 * f2) + (p89 + pab * f2) * f4;
  lanes p = (p01 + p23 * f2) + high * f4;
  return (lanes)((lane_mask)p + ((lane_mask)k_bits << 52));
}

HH_INLINE int lanes_any(lane_mask mask) {
  int64_t bits = 0;
  for (int i = 0; i < HH_WIDTH; i++) bits |= mask[i];
  return bits != 0;
}
#endif
