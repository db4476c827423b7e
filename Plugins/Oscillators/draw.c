/* Networks drawn from a seed. */
#include "system.h"

#include <stdlib.h>

int osc_system_alloc(osc_system *system, size_t n) {
  double *block = calloc(n * n + 3 * n, sizeof(double));
  if (!block) return -1;
  *system = (osc_system){.n = n, .matrix = block, .drive = block + n * n};
  system->velocity = system->drive + n;
  system->target = system->velocity + n;
  return 0;
}

void osc_system_free(osc_system *system) {
  free(system->matrix);
  *system = (osc_system){0};
}

/* SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014). */
static uint64_t next_bits(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* [0, 1) in steps of 2^-53. */
static double next_unit(uint64_t *state) { return (double)(next_bits(state) >> 11) * 0x1p-53; }

/* Each use has its own stream, so that the drive and the start do not move when n does not. */
enum { STREAM_COUPLING = 1, STREAM_DRIVE = 2, STREAM_START = 3 };
static uint64_t stream(uint64_t seed, uint64_t use) {
  uint64_t state = seed;
  return next_bits(&state) + use;
}

int osc_system_draw(osc_system *system, size_t n, double alpha, double beta, uint64_t seed, int wright) {
  const double pi = 0x1.921fb54442d18p+1;
  if (osc_system_alloc(system, n)) return -1;
  double *m = system->matrix;
  uint64_t coupling = stream(seed, STREAM_COUPLING), drive = stream(seed, STREAM_DRIVE);
  uint64_t start = stream(seed, STREAM_START);
  for (size_t i = 0; i < n * n; i++) m[i] = alpha * (1 + (2 * next_unit(&coupling) - 1));      /* C            */
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) m[i * n + j] = m[j * n + i] = (m[i * n + j] + m[j * n + i]) / 2;
  for (size_t i = 0; i < n; i++) {
    double sum = wright ? m[i * n + i] : 0;
    for (size_t j = 0; j < n; j++)
      if (j != i) sum += m[i * n + j];
    m[i * n + i] = -1 - sum;                                                                    /* J becomes Q  */
  }
  for (size_t i = 0; i < n; i++) system->drive[i] = beta * next_unit(&drive);
  for (size_t i = 0; i < n; i++) system->target[i] = pi * (2 * next_unit(&start) - 1);
  system->start_known = 1;
  return 0;
}
