/* Packs a network for the kernels. */
#include "system.h"

#include <stdlib.h>
#include <string.h>

/* Zeroed doubles at a multiple of 64 bytes, or NULL. */
static double *aligned_zeros(size_t count) {
  size_t bytes = (count * sizeof(double) + 63) / 64 * 64;
  double *p = aligned_alloc(64, bytes);
  if (p) memset(p, 0, bytes);
  return p;
}

/* M(i, j) = dense[i * row + j * column] into panels; rows beyond n stay zero. */
static double *pack(const osc_network *net, const double *dense, size_t row, size_t column) {
  const size_t n = net->n, tallest = OSC_PANEL_VECTORS * net->width;
  double *packed = aligned_zeros(net->padded * n), *out = packed;
  if (!packed) return NULL;
  for (size_t first = 0; first < net->padded; first += tallest) {
    size_t height = net->padded - first < tallest ? net->padded - first : tallest;
    for (size_t j = 0; j < n; j++, out += height)
      for (size_t r = 0; r < height && first + r < n; r++) out[r] = dense[(first + r) * row + j * column];
  }
  return packed;
}

static int is_symmetric(const double *dense, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      if (dense[i * n + j] != dense[j * n + i]) return 0;
  return 1;
}

int osc_network_make(osc_network *net, const osc_kernels *kernels, const osc_system *system, double time,
                     size_t steps) {
  const size_t n = system->n, width = kernels->width, padded = (n + width - 1) / width * width;
  net->n = n;
  net->width = width;
  net->padded = padded;
  net->steps = steps;
  net->h = time / (double)steps;
  net->matrix = pack(net, system->matrix, n, 1);
  net->transpose = is_symmetric(system->matrix, n) ? net->matrix : pack(net, system->matrix, 1, n);
  net->drive = aligned_zeros(4 * padded);
  if (!net->matrix || !net->transpose || !net->drive) {
    osc_network_free(net);
    return -1;
  }
  net->zero = net->drive + padded;
  net->velocity = net->zero + padded;
  net->target = net->velocity + padded;
  memcpy(net->drive, system->drive, n * sizeof(double));
  memcpy(net->velocity, system->velocity, n * sizeof(double));
  memcpy(net->target, system->target, n * sizeof(double));
  return 0;
}

void osc_network_free(osc_network *net) {
  if (net->transpose != net->matrix) free(net->transpose);
  free(net->matrix);
  free(net->drive);
  net->matrix = net->transpose = net->drive = NULL;
}
