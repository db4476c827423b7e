/* check_physics.c: the propagator against the sum that it stands for, and what must hold for light. */
#include "host.h"
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Sums psi_in(x') h(x - x') over the grid, term by term, in long double: O(N^4), no transform. */
static void sum_directly(size_t n, double spacing, double wavelength, double waist, double distance,
                         const double *phase, double complex *out) {
  long double k = 2 * acosl(-1) / wavelength, z = distance, power = 0;
  long double complex *in = calloc(n * n, sizeof *in);
  if (!in) exit(2);
  for (size_t i = 0; i < n * n; i++) {
    long double y = ((long double)(i / n) - (n - 1) / 2.0L) * spacing;
    long double x = ((long double)(i % n) - (n - 1) / 2.0L) * spacing;
    long double u = expl(-(x * x + y * y) / ((long double)waist * waist));
    power += u * u * spacing * spacing;
    in[i] = u * cexpl(I * (long double)phase[i]);
  }
  for (size_t i = 0; i < n * n; i++) {
    long double complex sum = 0;
    for (size_t j = 0; j < n * n; j++) {
      long double y = ((long double)(i / n) - (long double)(j / n)) * spacing;
      long double x = ((long double)(i % n) - (long double)(j % n)) * spacing;
      long double square = x * x + y * y + z * z, r = sqrtl(square);
      sum += in[j] * (z / (2 * acosl(-1) * square) * (1 / r - I * k) * cexpl(I * k * r));
    }
    out[i] = (double complex)(sum * spacing * spacing / sqrtl(power));
  }
  free(in);
}

static void compare_with_sum(size_t n) {
  char grid[32], title[64];
  snprintf(grid, sizeof grid, "grid=%zu", n);
  simulator self;
  const char *const options[] = { grid, "observe=field", "spacing=12e-6", "distance=0.003", "waist=30e-6",
                                  "separation=24e-6", NULL };
  check("direct sum: create", start(&self, options) == DMO_OK);
  double *x = numbers(self.x_count), *y = numbers(self.y_count), *mine = numbers(2 * n * n);
  double complex *known = calloc(n * n, sizeof *known);
  uint64_t state = 88172645463325252u + n;
  for (size_t i = 0; i < self.x_count; i++) x[i] = uniform(&state, -pi, pi);
  check("direct sum: evaluate", evaluate(&self, x, y) == DMO_OK);
  sum_directly(n, 12e-6, 700e-9, 30e-6, 0.003, x, known);
  for (size_t i = 0; i < n * n; i++) {
    mine[2 * i] = y[place(&self, "field_re") + i];
    mine[2 * i + 1] = y[place(&self, "field_im") + i];
  }
  snprintf(title, sizeof title, "dim, grid %zu: field against the direct sum, relative", n);
  check_at_most(title, relative_distance(mine, (const double *)known, 2 * n * n), 1e-10);
  free(x), free(y), free(mine), free(known);
  finish(&self);
}

void check_direct_sum(void) {
  /* Even, odd, prime, and sizes whose padding is longer than 2N. */
  const size_t sizes[] = { 2, 3, 7, 16, 19, 23 };
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) compare_with_sum(sizes[i]);
}

void check_reference(void) {
  simulator self;
  check("reference: create", start(&self, NULL) == DMO_OK);
  const dmo_reference_point *const *points = NULL;
  size_t count = self.reference->points(self.instance, &points);
  check("reference: three golden points", count == 3);
  double *y = numbers(self.y_count), worst = 0;
  size_t compared = 0;
  for (size_t i = 0; i < count; i++) {
    check("reference: evaluate", evaluate(&self, points[i]->x, y) == DMO_OK);
    for (size_t j = 0; j < self.y_count; j++) {
      if (isnan(points[i]->y[j])) continue;
      double room = points[i]->atol + points[i]->rtol * fabs(points[i]->y[j]);
      worst = fmax(worst, fabs(y[j] - points[i]->y[j]) / room);
      compared++;
    }
  }
  check("reference: loss and four intensities each", compared == 15);
  check_at_most("reference: golden points, part of the tolerance", worst, 1);
  free(y);
  finish(&self);
}

typedef struct gallery { size_t images; double output_power, target_power; } gallery;

static void hang(void *sink, const dmo_artifact *image) {
  gallery *all = sink;
  double sum = 0;
  for (size_t i = 0; i < (size_t)image->rows * image->columns; i++) sum += image->y[i] * 1e-10;
  if (image->kind == DMO_ARTIFACT_IMAGE && image->rows == 60 && image->columns == 60 && !image->x) all->images++;
  if (strcmp(image->id, "output_intensity") == 0) all->output_power = sum;
  if (strcmp(image->id, "target_intensity") == 0) all->target_power = sum;
}

void check_artifacts(void) {
  simulator self;
  check("artifacts: create", start(&self, (const char *const[]){ "modulation=complex", NULL }) == DMO_OK);
  double *x = numbers(self.x_count);
  for (size_t i = self.x_count / 2; i < self.x_count; i++) x[i] = 1;
  dmo_call call = { .struct_size = sizeof call, .x = x, .x_count = self.x_count };
  dmo_text error = { self.message, sizeof self.message };
  gallery all = { 0 };
  check("artifacts: draw", self.artifacts->draw(self.instance, &call, hang, &all, &error) == DMO_OK);
  check("artifacts: four images of the grid", all.images == 4);
  check_at_most("artifacts: the target has unit power, difference", fabs(all.target_power - 1), 1e-12);
  /* The beam is 95 um wide at 20 mm and the window 600 um: what leaves it is far below 1e-3. */
  check_at_most("a flat mask keeps the power on the plane, difference", fabs(all.output_power - 1), 1e-3);
  free(x);
  finish(&self);
}

void check_black_mask(void) {
  const char *const observables[] = { "observe=intensity", "observe=field" };
  for (int i = 0; i < 2; i++) {
    simulator self;
    check("black mask: create",
          start(&self, (const char *const[]){ "modulation=complex", observables[i], NULL }) == DMO_OK);
    double *x = numbers(self.x_count), *y = numbers(self.y_count), *ybar = numbers(self.y_count);
    double *xbar = numbers(self.x_count), largest = 0;
    ybar[place(&self, "loss")] = 1;
    check("black mask: vjp", vjp(&self, x, ybar, xbar, y) == DMO_OK);
    for (size_t j = 0; j < self.x_count; j++) largest = fmax(largest, fabs(xbar[j]));
    check_at_most("black mask: loss 1, difference", fabs(y[place(&self, "loss")] - 1), 1e-14);
    check_at_most("black mask: no gradient", largest, 0);
    free(x), free(y), free(ybar), free(xbar);
    finish(&self);
  }
}
