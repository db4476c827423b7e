/* reference.c: answers of an independent program for the default options, and the mask that does nothing.
 * Tests/Plugins/Wavefront/golden_points.py draws the numbers below from TorchOptics. */
#include "wavefront.h"
#include <math.h>
#include <stdlib.h>

enum { PROBES = 4, MASKS = 3 };
static const size_t probes[PROBES] = { 1770, 1815, 1900, 2130 };  /* cells whose intensity is compared */

typedef struct known { const char *note; double loss, intensity[PROBES]; } known;
static const known answers[MASKS] = {
  { "TorchOptics 1.0.2, flat mask", 1.388266826838780,
    { 7.031789815683314e+07, 6.451981499219587e+05, 5.760598205659866e+06, 3.597600061110885e+07 } },
  { "TorchOptics 1.0.2, scattered mask", 1.456074514615510,
    { 3.734143545350425e+02, 1.642870113582735e+04, 1.111466499984750e+00, 3.655309360553277e+04 } },
  { "TorchOptics 1.0.2, rings", 0.940604394724898,
    { 2.015671871931297e+06, 1.690828664640327e+06, 4.433217261119456e+05, 1.615282390666285e+06 } },
};

static double phase_of(size_t mask, size_t cell, size_t columns) {
  size_t row = cell / columns, column = cell % columns;
  if (mask == 1) return WF_PI * ((double)(cell * 7919 % 1000) / 500 - 1);
  if (mask == 2) return WF_PI * ((double)((row * row + 3 * column * column) % 64) / 32 - 1);
  return 0;
}

/* One point a mask: golden where the options are the defaults; else the flat one alone, as a baseline without y. */
static void fill_point(const wf_instance *self, size_t mask, double *x, double *y, dmo_reference_point *point) {
  size_t inputs = self->setup.has_amplitude ? 2 * self->cells : self->cells;
  for (size_t i = 0; i < inputs; i++) x[i] = i < self->cells ? phase_of(mask, i, self->setup.grid) : 1;
  *point = (dmo_reference_point){ .struct_size = sizeof *point, .x = x, .kind = DMO_REF_BASELINE,
                                  .note = "the flat mask" };
  if (!self->is_default) return;
  for (size_t i = 0; i < WF_Y_OBSERVED + self->observed_count; i++) y[i] = NAN;
  y[WF_Y_LOSS] = answers[mask].loss;
  for (size_t i = 0; i < PROBES; i++) y[WF_Y_OBSERVED + probes[i]] = answers[mask].intensity[i];
  point->kind = DMO_REF_GOLDEN;
  point->note = answers[mask].note;
  point->y = y;
  point->rtol = 1e-8;  /* both programs round k r, about 2e5, in double: 3e-11 of a phase, more where light cancels */
}

static bool make_points(wf_instance *self) {
  wf_golden *golden = &self->golden;
  size_t count = self->is_default ? MASKS : 1;
  size_t inputs = 2 * self->cells, stride = inputs + WF_Y_OBSERVED + self->observed_count;
  golden->points = calloc(count, sizeof *golden->points);
  golden->table = calloc(count, sizeof *golden->table);
  golden->numbers = calloc(count * stride, sizeof *golden->numbers);
  if (!golden->points || !golden->table || !golden->numbers) {
    wf_golden_clear(golden);
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    double *x = golden->numbers + i * stride;
    fill_point(self, i, x, x + inputs, &golden->points[i]);
    golden->table[i] = &golden->points[i];
  }
  golden->count = count;
  return true;
}

static size_t points(dmo_instance instance, const dmo_reference_point *const **table) {
  wf_instance *self = instance;
  if (self->golden.count == 0 && !make_points(self)) return 0;
  *table = self->golden.table;
  return self->golden.count;
}
const dmo_reference wf_reference = { .struct_size = sizeof(dmo_reference), .points = points };

void wf_golden_clear(wf_golden *golden) {
  free(golden->points);
  free(golden->table);
  free(golden->numbers);
  *golden = (wf_golden){ 0 };
}
