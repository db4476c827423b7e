/* The time integration of one network, compiled once for each instruction set and chosen when an instance is made.
 *
 * Two layouts run through the same arithmetic, so that a point's answer never depends on how it was handed over:
 *  one point    the vectors hold neighbouring oscillators;
 *  a group      the vectors hold the same oscillator of `width` points side by side (the lanes).
 * Every entry of Q s is one chain of multiply-adds in the order of the columns in both, and everything else works
 * entry by entry: the layouts agree to the bit.  The instruction sets agree to rounding only. */
#ifndef OSCILLATORS_KERNELS_H
#define OSCILLATORS_KERNELS_H
#include <stddef.h>

/* q'' = Q sin q + e in steps of `h`.  Matrices are packed by panels (network.c); vectors have `padded` entries, zero
 * beyond n, and all start at multiples of 64 bytes. */
typedef struct osc_network {
  size_t n, padded, width;   /* oscillators; n rounded up to whole vectors; doubles in a vector    */
  size_t steps;
  double h;
  double *matrix;            /* Q, packed                                                          */
  double *transpose;         /* its transpose, packed; the same array where Q is symmetric         */
  double *drive, *zero;      /* e, and as many zeros                                               */
  double *velocity, *target; /* q'(0), and the q(T) to be reached                                  */
} osc_network;

/* The state of one point, or of a group, in vectors; see osc_state_doubles() for the scratch space. */
typedef struct osc_state {
  size_t vectors;            /* padded / width for one point, n for a group                        */
  int lanes;                 /* 0: one point; 1: a group                                           */
  double *q, *v, *work;
} osc_state;

/* Doubles behind osc_state.work, in vectors: two arguments and four accelerations. */
#define OSC_WORK_VECTORS(vectors) (6 * (vectors))
/* Doubles that one step of one point leaves on the tape: the cosines of its four stages. */
#define OSC_TAPE_DOUBLES(padded) (4 * (padded))
/* Vectors in the height of a panel of a packed matrix: with two right-hand sides they fill the accumulators. */
enum { OSC_PANEL_VECTORS = 4, OSC_MAX_WIDTH = 8 };

typedef struct osc_kernels {
  const char *name;
  size_t width;
  /* Advances q and v by `steps` steps; with a tape (one point only) also writes OSC_TAPE_DOUBLES for each. */
  void (*forward)(const osc_network *, const osc_state *, size_t steps, double *tape);
  /* state.q and .v hold d/dq and d/dv behind the last taped step, then in front of the first.  One point. */
  void (*adjoint)(const osc_network *, const osc_state *, size_t steps, const double *tape);
  /* state.q and .v hold the directional derivatives in front of the first taped step, then behind the last. */
  void (*tangent)(const osc_network *, const osc_state *, size_t steps, const double *tape);
  /* y = sin x, or cos x, of `count` entries, a multiple of the width. */
  void (*sines)(const double *x, double *y, size_t count);
  void (*cosines)(const double *x, double *y, size_t count);
} osc_kernels;

/* The fastest set that this processor runs; always the same one within a process.  Complexity: O(1). */
const osc_kernels *osc_kernels_best(void);

extern const osc_kernels osc_kernels_generic;
#if defined(__x86_64__)
extern const osc_kernels osc_kernels_avx2, osc_kernels_avx512;
#endif
#endif
