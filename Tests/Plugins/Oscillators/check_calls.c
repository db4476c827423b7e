/* The extensions against evaluate(), and against differences of it. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Central differences along a direction with step h ~ eps^(1/3): their own error is near 1e-10 of the values. */
static double difference(const plugin *p, dmo_instance self, const double *x, const double *direction,
                         const double *ybar) {
  const double h = 1e-5;
  size_t n = size_of(p, self);
  double *there = doubles(n), *y = doubles(n + 1), sum = 0;
  for (int side = 1; side >= -1; side -= 2) {
    for (size_t i = 0; i < n; i++) there[i] = x[i] + side * h * direction[i];
    evaluate(p, self, there, y);
    for (size_t k = 0; k <= n; k++) sum += side * ybar[k] * y[k] / (2 * h);
  }
  free(there), free(y);
  return sum;
}

static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static void check_gradient_of(const plugin *p, dmo_instance self, const char *name, double difference_limit) {
  size_t n = size_of(p, self);
  double *x = doubles(n), *xdot = doubles(n), *xbar = doubles(n), *ybar = doubles(n + 1), *ydot = doubles(n + 1);
  double *y = doubles(n + 1), *y_vjp = doubles(n + 1), *y_jvp = doubles(n + 1), by_difference = 0, by_product = 0;
  int statuses = 0, same = 1;
  for (int trial = 0; trial < 8; trial++) {
    fill_random(x, n, 3);
    fill_random(xdot, n, 1);
    fill_random(ybar, n + 1, 1);
    if (trial == 0) memset(ybar, 0, n * sizeof(double)); /* the loss alone */
    statuses |= evaluate(p, self, x, y) | vjp(p, self, x, ybar, xbar, y_vjp) | jvp(p, self, x, xdot, ydot, y_jvp);
    same &= !memcmp(y, y_vjp, (n + 1) * sizeof(double)) && !memcmp(y, y_jvp, (n + 1) * sizeof(double));
    double pulled = dot(xbar, xdot, n), pushed = dot(ybar, ydot, n + 1), size = 1 + fabs(pulled);
    by_product = fmax(by_product, fabs(pulled - pushed) / size);
    by_difference = fmax(by_difference, fabs(pulled - difference(p, self, x, xdot, ybar)) / size);
  }
  check_that(statuses == 0, "%s: gradient calls succeed", name);
  check_that(same, "%s: vjp and jvp give evaluate's y to the bit", name);
  check_at_most(by_difference, difference_limit, "%s: vjp against central differences, relative", name);
  check_at_most(by_product, 1e-11, "%s: vjp against jvp, relative", name);
  free(x), free(xdot), free(xbar), free(ybar), free(ydot), free(y), free(y_vjp), free(y_jvp);
}

void check_gradient(const plugin *p) {
  static const char *const settings[][4] = {{"n=20"}, {"n=5", "T=2", "dt=0.01"}, {"n=50", "norm=l2", "alpha=0.3"}};
  for (int k = 0; k < 3; k++) {
    dmo_instance self = make_or_exit(p, settings[k]);
    check_gradient_of(p, self, settings[k][0], 1e-7);
    p->problem->destroy(self);
  }
}

/* More steps than one tape holds (2^22 numbers): the run is cut into segments. */
void check_long_gradient(const plugin *p) {
  dmo_instance self = MAKE(p, "n=30", "T=4", "dt=0.0001", "alpha=0.02");
  check_gradient_of(p, self, "40,000 steps of n=30", 1e-6);
  p->problem->destroy(self);
}

enum { MANY = 41 };

/* Points of a batch, point 3 of which is outside the box if asked. */
static void check_batch_of(const plugin *p, dmo_instance self, size_t count, int spoil, int *all_same) {
  size_t n = size_of(p, self);
  double *x = doubles(count * n), *y = doubles(count * (n + 1)), *single = doubles(n + 1);
  dmo_call calls[MANY];
  dmo_result results[MANY];
  const dmo_call *call_list[MANY];
  dmo_result *result_list[MANY];
  dmo_status statuses[MANY];
  fill_random(x, count * n, 3.14);
  if (spoil) x[3 * n] = 4;
  for (size_t i = 0; i < count; i++) {
    calls[i] = (dmo_call){.struct_size = sizeof calls[i], .x = x + i * n, .x_count = n};
    results[i] = (dmo_result){.struct_size = sizeof results[i], .y = y + i * (n + 1), .y_count = n + 1};
    call_list[i] = &calls[i];
    result_list[i] = &results[i];
    statuses[i] = DMO_CANCELLED;
  }
  int same = p->batch->evaluate(self, call_list, result_list, statuses, count) == DMO_OK;
  for (size_t i = 0; i < count; i++) {
    if (spoil && i == 3) {
      same &= statuses[i] == DMO_BAD_INPUT;
      continue;
    }
    same &= statuses[i] == DMO_OK && evaluate(p, self, x + i * n, single) == DMO_OK;
    same &= !memcmp(single, y + i * (n + 1), (n + 1) * sizeof(double));
  }
  *all_same &= same;
  free(x), free(y), free(single);
}

void check_batch(const plugin *p) {
  static const size_t counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, MANY};
  for (int n = 1; n <= 67; n += n < 36 ? 1 : 7) {
    int same = 1;
    char size[16];
    snprintf(size, sizeof size, "n=%d", n);
    dmo_instance self = MAKE(p, size, "T=1.5");
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) check_batch_of(p, self, counts[k], 0, &same);
    check_batch_of(p, self, 17, 1, &same);
    check_that(same, "n=%d: batches give the single calls' answers to the bit", n);
    p->problem->destroy(self);
  }
  /* Angles far beyond where the sine's own reduction ends: the C library's answers in single lanes. */
  int same = 1;
  dmo_instance self = MAKE(p, "n=5", "alpha=3", "beta=100", "T=600", "dt=1");
  for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) check_batch_of(p, self, counts[k], 0, &same);
  double x[5] = {1, 2, 3, -1, -2}, y[6];
  check_that(evaluate(p, self, x, y) == DMO_OK && largest(y, 5) > 1e6, "angles grow to %.3g", largest(y, 5));
  check_that(same, "large angles: batches give the single calls' answers to the bit");
  p->problem->destroy(self);
}

void check_composite(const plugin *p) {
  static const char *const settings[][2] = {{"norm=mean-absolute"}, {"norm=l2"}};
  enum { ROWS = 7 };
  for (int k = 0; k < 2; k++) {
    dmo_instance self = make_or_exit(p, settings[k]);
    size_t n = size_of(p, self), m = n + 1;
    double *x = doubles(ROWS * n), *y = doubles(ROWS * m), *z = doubles(ROWS * m), *moved = doubles(ROWS * m);
    double *ybar = doubles(ROWS * m), *zbar = doubles(ROWS * m), most = 0;
    int good = 1;
    fill_random(x, ROWS * n, 3);
    fill_random(ybar, ROWS * m, 1);
    for (size_t r = 0; r < ROWS; r++) good &= evaluate(p, self, x + r * n, y + r * m) == DMO_OK;
    memcpy(z, y, ROWS * m * sizeof(double));
    for (size_t r = 0; r < ROWS; r++) z[r * m + n] = NAN;
    good &= p->composite->compose(self, ROWS, x, n, z, m) == DMO_OK;
    check_that(good && !memcmp(y, z, ROWS * m * sizeof(double)), "%s: compose gives evaluate's loss to the bit",
               settings[k][0]);
    good = p->composite->compose_vjp(self, ROWS, x, n, y, m, ybar, zbar, NULL) == DMO_OK;
    for (size_t i = 0; i < n; i++) {
      const double h = 1e-6;
      double up[ROWS];
      for (int side = 1; side >= -1; side -= 2) {
        memcpy(moved, y, ROWS * m * sizeof(double));
        for (size_t r = 0; r < ROWS; r++) moved[r * m + i] += side * h;
        p->composite->compose(self, ROWS, x, n, moved, m);
        for (size_t r = 0; r < ROWS; r++) {
          if (side == 1) up[r] = moved[r * m + n];
          double slope = ybar[r * m + n] * (up[r] - moved[r * m + n]) / (2 * h);
          if (side == -1) most = fmax(most, fabs(slope - zbar[r * m + i]));
        }
      }
    }
    for (size_t r = 0; r < ROWS; r++) good &= zbar[r * m + n] == 0;
    check_at_most(good ? most : INFINITY, 1e-8, "%s: compose_vjp against differences", settings[k][0]);
    z[3] = NAN;
    p->composite->compose(self, 1, x, n, z, m);
    check_that(isnan(z[n]), "%s: NaN in, NaN out", settings[k][0]);
    free(x), free(y), free(z), free(moved), free(ybar), free(zbar);
    p->problem->destroy(self);
  }
}
