/* check_derivatives.c: gradients against central differences, products against each other. */
#include "host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Central differences in double: the best step of a scan leaves about 1e-10 for a smooth function of order 1. */
static const double difference_tolerance = 1e-7, product_tolerance = 1e-11;
enum { DIRECTIONS = 8 };

static double weighted(simulator *self, const double *x, const double *direction, double step, const double *ybar) {
  double *moved = numbers(self->x_count), *y = numbers(self->y_count), sum = 0;
  for (size_t i = 0; i < self->x_count; i++) moved[i] = x[i] + step * direction[i];
  if (evaluate(self, moved, y) != DMO_OK) sum = NAN;
  for (size_t i = 0; i < self->y_count; i++) sum += ybar[i] * y[i];
  free(moved), free(y);
  return sum;
}

/* The smallest relative error over a scan of steps. */
static double difference_error(simulator *self, const double *x, const double *direction, const double *ybar,
                               double slope, double size) {
  double best = INFINITY;
  for (double step = 1e-3; step > 1e-7; step /= 4) {
    double rise = weighted(self, x, direction, step, ybar) - weighted(self, x, direction, -step, ybar);
    best = fmin(best, fabs(rise / (2 * step) - slope) / size);
  }
  return best;
}

/* ybar: the loss alone, or the observed numbers too, each by its declared magnitude. */
static void fill_weights(const simulator *self, bool observed, uint64_t *state, double *ybar) {
  size_t at = 0;
  for (uint32_t i = 0; i < self->spec->output_count; i++) {
    const dmo_output *output = &self->spec->outputs[i];
    size_t count = output->count ? output->count : 1;
    for (size_t j = 0; j < count; j++, at++)
      ybar[at] = output->role != DMO_OBSERVE ? 1 : observed ? uniform(state, -1, 1) / output->scale : 0;
  }
}

static void check_one(simulator *self, const char *name, bool observed) {
  uint64_t state = 1234567 + observed;
  size_t n = self->x_count, m = self->y_count, phases = self->spec->params[0].count;
  double *x = numbers(n), *y = numbers(m), *again = numbers(m), *ybar = numbers(m), *ydot = numbers(m);
  double *xbar = numbers(n), *direction = numbers(n), worst = 0, worst_product = 0, size = 0;
  for (size_t i = 0; i < n; i++) x[i] = i < phases ? uniform(&state, -3, 3) : uniform(&state, .1, .9);
  fill_weights(self, observed, &state, ybar);
  bool answers = vjp(self, x, ybar, xbar, y) == DMO_OK && evaluate(self, x, again) == DMO_OK;
  for (size_t i = 0; i < n; i++) size += xbar[i] * xbar[i];
  for (int k = 0; k < DIRECTIONS; k++) {
    double slope = 0, product = 0, length = 0;
    /* Half of the directions move everything, half a single parameter: a misplaced entry shows in the latter. */
    size_t single = (size_t)uniform(&state, 0, (double)n);
    for (size_t i = 0; i < n; i++) direction[i] = k % 2 ? i == single : uniform(&state, -1, 1);
    for (size_t i = 0; i < n; i++) slope += xbar[i] * direction[i], length += direction[i] * direction[i];
    double room = sqrt(size / (double)n * length);  /* a typical slope along a direction of this length */
    worst = fmax(worst, difference_error(self, x, direction, ybar, slope, room));
    answers = answers && jvp(self, x, direction, ydot, y) == DMO_OK;
    for (size_t i = 0; i < m; i++) product += ybar[i] * ydot[i];
    worst_product = fmax(worst_product, fabs(product - slope) / room);
  }
  char title[192];
  check("derivatives: vjp, jvp, evaluate answer", answers);
  snprintf(title, sizeof title, "%s: vjp against central differences", name);
  check_at_most(title, worst, difference_tolerance);
  snprintf(title, sizeof title, "%s: <ybar, J v> = <J' ybar, v>", name);
  check_at_most(title, worst_product, product_tolerance);
  check("derivatives: y is that of evaluate, to the bit", memcmp(y, again, m * sizeof *y) == 0);
  free(x), free(y), free(again), free(ybar), free(ydot), free(xbar), free(direction);
}

void check_derivatives(void) {
  const char *const losses[][2] = { { "loss=l2", "observe=intensity" }, { "loss=l2", "observe=field" },
                                    { "loss=overlap", "observe=field" } };
  const char *const modulations[] = { "modulation=phase", "modulation=complex" };
  const char *const methods[] = { "method=dim", "method=asm" };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 2; j++) {
      simulator self;
      const char *const options[] = { "grid=21", "separation=60e-6", "waist=40e-6", losses[i][0], losses[i][1],
                                      modulations[j], methods[(i + j) % 2], NULL };
      check("derivatives: create", start(&self, options) == DMO_OK);
      char name[96];
      for (int observed = 0; observed < 2; observed++) {
        snprintf(name, sizeof name, "%s %s %s%s", losses[i][0], losses[i][1] + 8, modulations[j] + 11,
                 observed ? ", with observed" : "");
        check_one(&self, name, observed);
      }
      finish(&self);
    }
}
