/* A network as numbers, drawn from a seed or read from a file. */
#ifndef OSCILLATORS_SYSTEM_H
#define OSCILLATORS_SYSTEM_H
#include "kernels.h"

#include <stdint.h>

/* q'' = Q sin q + e.  One malloc() block behind `matrix`; osc_system_free() releases it. */
typedef struct osc_system {
  size_t n;
  double *matrix;    /* Q, n x n, row major                                         */
  double *drive;     /* e, n                                                        */
  double *velocity;  /* q'(0), n                                                    */
  double *target;    /* n: the q(T) aimed at, or the start that leads there: `start_known` */
  int start_known;
} osc_system;

/* Room for n oscillators, all numbers 0.  0, or -1 without memory. */
int osc_system_alloc(osc_system *system, size_t n);
void osc_system_free(osc_system *system);

/* Equation (11) with C = alpha (1 + R), R ~ U(-1, 1), J = (C + C^T) / 2, e = beta r, r ~ U(0, 1); Wright's variant
 * keeps J_ii in the diagonal.  `target` is left holding a start ~ U(-pi, pi).  0, or -1 without memory.  O(n^2). */
int osc_system_draw(osc_system *system, size_t n, double alpha, double beta, uint64_t seed, int wright);

/* Keys J, e (required), target, v0 (0 when absent) of a JSON file; other keys are skipped.  0, or -1 with the reason in
 * error[capacity]. */
int osc_system_read(osc_system *system, const char *path, char *error, size_t capacity);

/* Fills a zeroed network for these kernels from the system, the time and the largest step; the number of steps is
 * T / dt rounded up.  0, or -1 without memory.  O(n^2). */
int osc_network_make(osc_network *network, const osc_kernels *kernels, const osc_system *system, double time,
                     size_t steps);
void osc_network_free(osc_network *network);
#endif
