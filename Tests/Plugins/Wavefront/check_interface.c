/* check_interface.c: batches, compose, and what evaluate does with odd input. */
#include "host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static void check_batch_of(simulator *self, size_t n, bool spoil) {
  size_t width = self->x_count, height = self->y_count;
  double *x = numbers(n * width), *y = numbers(n * height), *single = numbers(height);
  dmo_call *calls = calloc(n, sizeof *calls);
  dmo_result *results = calloc(n, sizeof *results);
  const dmo_call **call_table = calloc(n, sizeof *call_table);
  dmo_result **result_table = calloc(n, sizeof *result_table);
  dmo_status *statuses = calloc(n, sizeof *statuses);
  uint64_t state = 99 + n;
  for (size_t i = 0; i < n * width; i++) x[i] = uniform(&state, -pi, pi);
  if (spoil) x[width + 5] = NAN;
  for (size_t i = 0; i < n; i++) {
    calls[i] = (dmo_call){ .struct_size = sizeof *calls, .x = x + i * width, .x_count = width };
    results[i] = (dmo_result){ .struct_size = sizeof *results, .y = y + i * height, .y_count = height };
    call_table[i] = &calls[i];
    result_table[i] = &results[i];
    statuses[i] = DMO_CANCELLED;
  }
  dmo_status all = self->batch->evaluate(self->instance, call_table, result_table, statuses, n);
  bool same = all == DMO_OK;
  for (size_t i = n; i-- > 0;) {  /* backwards: the order of calls must not matter either */
    dmo_status status = evaluate(self, x + i * width, single);
    same = same && status == statuses[i] && status == (spoil && i == 1 ? DMO_BAD_INPUT : DMO_OK);
    if (status == DMO_OK) same = same && memcmp(single, y + i * height, height * sizeof *y) == 0;
  }
  char title[96];
  snprintf(title, sizeof title, "a batch of %zu%s gives the single calls' answers to the bit", n,
           spoil ? ", one not finite," : "");
  check(title, same);
  free(x), free(y), free(single), free(calls), free(results), free(call_table), free(result_table), free(statuses);
}

void check_batch(void) {
  const char *const observables[] = { "observe=intensity", "observe=field" };
  for (int i = 0; i < 2; i++) {
    simulator self;
    check("batch: create", start(&self, (const char *const[]){ observables[i], NULL }) == DMO_OK);
    check_batch_of(&self, 1, false);
    check_batch_of(&self, 2, true);
    check_batch_of(&self, 17, true);
    finish(&self);
  }
}

static void check_compose_for(const char *loss, const char *observe) {
  simulator self;
  check("compose: create", start(&self, (const char *const[]){ loss, observe, "grid=17", "separation=50e-6",
                                                               "waist=30e-6", NULL }) == DMO_OK);
  enum { ROWS = 3 };
  size_t n = self.x_count, m = self.y_count, loss_at = place(&self, "loss");
  double *x = numbers(ROWS * n), *y = numbers(ROWS * m), *made = numbers(ROWS * m), *bar = numbers(ROWS * m);
  double *zbar = numbers(ROWS * m), *moved = numbers(m), worst = 0;
  uint64_t state = 4711;
  for (size_t i = 0; i < ROWS * n; i++) x[i] = uniform(&state, -pi, pi);
  for (size_t r = 0; r < ROWS; r++) evaluate(&self, x + r * n, y + r * m);
  memcpy(made, y, ROWS * m * sizeof *y);
  for (size_t r = 0; r < ROWS; r++) made[r * m + loss_at] = NAN, bar[r * m + loss_at] = 1 + (double)r;
  bool answers = self.composite->compose(self.instance, ROWS, x, n, made, m) == DMO_OK;
  check("compose reproduces the loss from what was observed, to the bit",
        answers && memcmp(made, y, ROWS * m * sizeof *y) == 0);
  for (size_t i = 0; i < ROWS * m; i++) zbar[i] = 1;  /* it must add to what stands there */
  answers = self.composite->compose_vjp(self.instance, ROWS, x, n, y, m, bar, zbar, NULL) == DMO_OK;
  double largest = 0;
  for (size_t i = 0; i < ROWS * m; i++) if (i % m != loss_at) largest = fmax(largest, fabs(zbar[i] - 1));
  for (size_t k = 0; k < 30; k++) {
    size_t r = k % ROWS, at = 1 + (size_t)uniform(&state, 0, (double)m - 1);
    double step = 1e-4 * (strcmp(observe, "observe=field") == 0 ? 1e4 : 1e8), value[2];
    for (int side = 0; side < 2; side++) {
      memcpy(moved, y + r * m, m * sizeof *moved);
      moved[at] += side ? step : -step;
      self.composite->compose(self.instance, 1, x + r * n, n, moved, m);
      value[side] = moved[loss_at];
    }
    double slope = (value[1] - value[0]) / (2 * step) * bar[r * m + loss_at];
    worst = fmax(worst, fabs(slope - (zbar[r * m + at] - 1)) / largest);
  }
  char title[96];
  snprintf(title, sizeof title, "compose_vjp against central differences, %s %s", loss, observe);
  /* Adding to the 1 that stood there rounds at 1e-16 of it, next to derivatives of the observed numbers' size. */
  check_at_most(title, worst, 1e-6 + 1e-15 / largest);
  check("compose_vjp leaves the loss's own entry alone", answers && zbar[loss_at] == 1);
  free(x), free(y), free(made), free(bar), free(zbar), free(moved);
  finish(&self);
}

void check_compose(void) {
  check_compose_for("loss=l2", "observe=intensity");
  check_compose_for("loss=l2", "observe=field");
  check_compose_for("loss=overlap", "observe=field");
}

void check_inputs(void) {
  simulator self, other;
  check("inputs: create", start(&self, (const char *const[]){ "modulation=complex", NULL }) == DMO_OK);
  check("inputs: create another", start(&other, (const char *const[]){ "grid=30", NULL }) == DMO_OK);
  size_t n = self.x_count, cells = n / 2;
  double *x = numbers(n), *turned = numbers(n), *y = numbers(self.y_count), *far = numbers(self.y_count);
  double *small = numbers(other.x_count), *dark = numbers(other.y_count);
  uint64_t state = 5;
  for (size_t i = 0; i < n; i++) x[i] = i < cells ? uniform(&state, -pi, pi) : uniform(&state, 0, 1);
  for (size_t i = 0; i < n; i++) turned[i] = i < cells ? x[i] + 2 * pi * (double)((int)(i % 9) - 4) : x[i];
  evaluate(&self, x, y);
  evaluate(&other, small, dark);
  evaluate(&self, turned, far);
  check_at_most("a phase beyond -pi .. pi is wrapped: intensity, relative", relative_distance(far, y, self.y_count),
                1e-13);
  for (size_t i = 0; i < cells; i++) turned[i] = 1e300 * x[i];
  check("any finite phase is accepted", evaluate(&self, turned, far) == DMO_OK && isfinite(far[0]));
  turned[3] = INFINITY;
  check("an infinite phase is refused", evaluate(&self, turned, far) == DMO_BAD_INPUT && self.message[0]);
  memcpy(turned, x, n * sizeof *x);
  turned[cells + 7] = 1.5;
  check("an amplitude above 1 is refused", evaluate(&self, turned, far) == DMO_BAD_INPUT && self.message[0]);
  evaluate(&self, x, far);
  check("another instance and refused points leave no trace", memcmp(y, far, self.y_count * sizeof *y) == 0);
  self.x_count--;
  check("a short x is refused", evaluate(&self, x, far) == DMO_BAD_INPUT);
  finish(&self);
  finish(&other);
  free(x), free(turned), free(y), free(far), free(small), free(dark);
}
