/* hh-cell: its optimum, its features against NEURON's traces, its hidden constraints. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

static void references(void) {
  instance it = OPEN("hh-cell");
  const dmo_reference *reference = it.problem->extension(DMO_EXT_REFERENCE);
  const dmo_composite *composite = it.problem->extension(DMO_EXT_COMPOSITE);
  const dmo_reference_point *const *points;
  size_t n = reference->points(it.self, &points), goals = output_at(&it, "error_passive");
  double *y = malloc(2 * it.y_count * sizeof *y), *again = y + it.y_count;
  for (size_t i = 0; i < n; i++) {
    dmo_status status = evaluate(&it, points[i]->x, y);
    if (points[i]->kind == DMO_REF_INFEASIBLE) {
      check("a cell that cannot fire is infeasible, says so, and keeps rest and resistance",
            status == DMO_INFEASIBLE && strstr(it.error, "no spike") && isfinite(y[0]) && isfinite(y[1]) &&
                isnan(y[2]));
      continue;
    }
    if (points[i]->kind == DMO_REF_GOLDEN) {
      int good = status == DMO_OK;
      for (size_t j = 0; j < it.y_count; j++) {
        if (!isnan(points[i]->y[j])) good &= fabs(y[j] / points[i]->y[j] - 1) <= points[i]->rtol;
      }
      check(points[i]->note, good);
      continue;
    }
    int feasible = status == DMO_OK, zero = 1;
    size_t at = 0;
    for (uint32_t j = 0; j < it.spec->output_count; j++) {
      const dmo_output *o = &it.spec->outputs[j];
      if (o->role == DMO_AT_MOST) feasible &= y[at] <= o->bound;
      if (o->role == DMO_AT_LEAST) feasible &= y[at] >= o->bound;
      if (o->role == DMO_MINIMIZE) zero &= y[at] == 0;
      at += o->count ? o->count : 1;
    }
    check(points[i]->kind == DMO_REF_OPTIMUM ? "the squid axon is feasible" : "the baseline is feasible", feasible);
    check(points[i]->kind == DMO_REF_OPTIMUM ? "its goals are exactly 0" : "its goals are not",
          zero == (points[i]->kind == DMO_REF_OPTIMUM));
    memcpy(again, y, it.y_count * sizeof *y);
    for (size_t j = goals; j < it.y_count; j++) again[j] = NAN;
    composite->compose(it.self, 1, points[i]->x, it.x_count, again, it.y_count);
    check("the composite repeats goals and bounds to the bit", memcmp(again, y, it.y_count * sizeof *y) == 0);
  }
  free(y), close_problem(&it);
}

/* NEURON's traces with a current that is one of the levels: the late firing rate is a property of the cell alone. */
static void rates_against_neuron(void) {
  static const struct { int trace, level; } same[] = {{0, 1}, {3, 2}, {4, 2}, {5, 5}, {7, 3}};
  size_t count;
  double *parameters = oracle_array("hh_neuron", "params", &count), largest = 0;
  instance it = OPEN("hh-cell");
  double *y = malloc(it.y_count * sizeof *y);
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    char key[32];
    size_t n;
    const double *p = parameters + 4 * same[i].trace;
    const double x[6] = {p[0], p[1], p[2], -54.3, 1, 6.3};
    snprintf(key, sizeof key, "spikes_cvode_%d", same[i].trace);
    double *spikes = oracle_array("hh_neuron", key, &n);
    double expected = n > 6 ? 1000 * (double)(n - 6) / (spikes[n - 1] - spikes[5]) : 0;
    evaluate(&it, x, y);
    largest = fmax(largest, fabs(y[output_at(&it, "rate") + (size_t)same[i].level] - expected));
    free(spikes);
  }
  /* CVODE's times are good to some microseconds, of intervals of 12 ms and more. */
  check_at_most("firing rates of five cells: largest difference from NEURON (CVODE), Hz", largest, 0.1);
  free(y), free(parameters), close_problem(&it);
}

static void hidden_constraints(void) {
  static const struct { double x[6]; const char *word; } cases[] = {
    {{0.3, 0.008, 1e-4, -60, 1, 6.3}, "without any current"}, {{0.0325, 0.0337, 1.4e-3, -41, 1.95, 15.6}, "no spike"},
    {{0.0573, 0.061, 8e-4, -48.75, 0.875, 5}, "repetitively at 0"}, {{0.0674, 0.0133, 1.6e-4, -55.3, 1.9, 8.75},
                                                                     "block"}};
  instance it = OPEN("hh-cell");
  double *y = malloc(it.y_count * sizeof *y);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[700];
    dmo_status status = evaluate(&it, cases[i].x, y);
    snprintf(text, sizeof text, "infeasible with a reason: %s", it.error);
    check(text, status == DMO_INFEASIBLE && it.error[0] && strstr(it.error, cases[i].word));
  }
  free(y), close_problem(&it);
}

void test_cell(void) {
  references();
  if (shared_folder()) rates_against_neuron();
  else printf("skip  hh-cell against NEURON: no shared/oracle/hh (set DMO_SHARED)\n");
  hidden_constraints();
}
