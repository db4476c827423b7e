/* Answers against independent programs: the stored ones, reference.py, and the plugin's own points. */
#include "check.h"

#include <array_file.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { Q0, RK4_Q, RK4_DQ0, EXACT_DQ0, TIME, RK4_DT, Q_ALL, KEYS };

/* The stored rk4_* are the same RK4 map; `exact` is the differential equation itself, one discretisation error away. */
static void check_oracle_file(const plugin *p, const char *folder, const char *name) {
  array_want w[KEYS] = {{.key = "q0"},  {.key = "rk4_q"}, {.key = "rk4_dq0"}, {.key = "exact_dq0"},
                           {.key = "T"}, {.key = "rk4_dt"}, {.key = "q"}};
  char path[4096], error[512], system[4200], time[64], dt[64];
  snprintf(path, sizeof path, "%s/%s.json", folder, name);
  int failed = array_file_read(path, w, KEYS, error, sizeof error);
  check_that(!failed, "%s: read %s", name, failed ? error : "");
  if (!failed) {
    snprintf(system, sizeof system, "system=%s", path);
    snprintf(time, sizeof time, "T=%.17g", w[TIME].array.values[0]);
    snprintf(dt, sizeof dt, "dt=%.17g", w[RK4_DT].array.values[0]);
    dmo_instance self = MAKE(p, system, time, dt);
    size_t n = size_of(p, self);
    double *y = doubles(n + 1), *ybar = doubles(n + 1), *xbar = doubles(n), *y2 = doubles(n + 1);
    check_that(evaluate(p, self, w[Q0].array.values, y) == DMO_OK, "%s: evaluates", name);
    check_at_most(largest_difference(y, w[RK4_Q].array.values, n), 1e-9, "%s: q(T) against the stored RK4 map", name);
    const double *exact = w[Q_ALL].array.values + w[Q_ALL].array.count - n;
    printf("      %s: q(T) against the exact solution: %.3g\n", name, largest_difference(y, exact, n));
    for (size_t i = 0; i < n; i++) ybar[i] = 2 * y[i] / (double)n; /* of the stored loss, mean(q(T)^2) */
    check_that(vjp(p, self, w[Q0].array.values, ybar, xbar, y2) == DMO_OK, "%s: gradient", name);
    const double *discrete = w[RK4_DQ0].array.values, *continuous = w[EXACT_DQ0].array.values;
    if (discrete)
      check_at_most(largest_difference(xbar, discrete, n) / largest(discrete, n), 1e-8,
                    "%s: gradient against the stored discrete one, relative", name);
    double off = largest_difference(xbar, continuous, n) / largest(continuous, n);
    if (discrete) printf("      %s: gradient against the continuous one: %.3g relative\n", name, off);
    else check_at_most(off, 1e-8, "%s: gradient against the stored continuous one, relative", name);
    free(y), free(ybar), free(xbar), free(y2);
    p->problem->destroy(self);
  }
  array_file_free(w, KEYS);
}

void check_oracle(const plugin *p, const char *folder) {
  check_oracle_file(p, folder, "cnon_n3");
  check_oracle_file(p, folder, "cnon_n5");
  check_oracle_file(p, folder, "cnon_n50");
}

static int read_doubles(FILE *file, double *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (fscanf(file, "%lf", &values[i]) != 1) return -1;
  return 0;
}

/* One case of reference.py: drawn networks, both variants and norms, all short enough to amplify rounding little. */
static void check_case(const plugin *p, FILE *file, int number) {
  static const char *const keys[8] = {"n", "alpha", "beta", "T", "dt", "seed", "variant", "norm"};
  char word[32], settings[8][64];
  const char *texts[9] = {0};
  for (int i = 0; i < 8; i++) {
    if (fscanf(file, "%31s", word) != 1) word[0] = 0;
    snprintf(settings[i], sizeof settings[i], "%s=%s", keys[i], word);
    texts[i] = settings[i];
  }
  dmo_instance self = make_or_exit(p, texts);
  size_t n = size_of(p, self);
  double *x = doubles(n), *want = doubles(n + 1), *ybar = doubles(n + 1), *pulled = doubles(n);
  double *y = doubles(n + 1), *xbar = doubles(n);
  int broken = read_doubles(file, x, n) || read_doubles(file, want, n + 1) || read_doubles(file, ybar, n + 1) ||
               read_doubles(file, pulled, n);
  check_that(!broken && evaluate(p, self, x, y) == DMO_OK, "case %d: %s %s %s evaluates", number, texts[0], texts[6],
             texts[7]);
  check_at_most(largest_difference(y, want, n + 1), 1e-12, "case %d: q(T) and loss against reference.py", number);
  check_that(vjp(p, self, x, ybar, xbar, y) == DMO_OK, "case %d: gradient", number);
  check_at_most(largest_difference(xbar, pulled, n) / (1 + largest(pulled, n)), 1e-12,
                "case %d: gradient against its complex step, relative", number);
  free(x), free(want), free(ybar), free(pulled), free(y), free(xbar);
  p->problem->destroy(self);
}

void check_cases(const plugin *p, const char *path) {
  int count = 0;
  FILE *file = fopen(path, "r");
  check_that(file && fscanf(file, "%d", &count) == 1 && count >= 12, "reference.py's cases are there");
  for (int i = 0; i < count; i++) check_case(p, file, i);
  if (file) fclose(file);
}

void check_reference(const plugin *p) {
  static const char *const settings[][3] = {{"norm=mean-absolute"}, {"n=50", "T=3"}, {"norm=l2", "seed=9"}};
  for (int k = 0; k < 3; k++) {
    dmo_instance self = make_or_exit(p, settings[k]);
    size_t n = size_of(p, self), golden = 0;
    const dmo_reference_point *const *points;
    size_t count = p->reference->points(self, &points);
    double *y = doubles(n + 1), most = 0;
    for (size_t i = 0; i < count; i++) {
      int good = evaluate(p, self, points[i]->x, y) == DMO_OK;
      double off = largest_difference(y, points[i]->y, n + 1) / points[i]->atol;
      if (!good || off > most) most = good ? off : INFINITY;
      golden += points[i]->kind == DMO_REF_GOLDEN;
    }
    check_that(count > 0 && points[0]->kind == DMO_REF_OPTIMUM && points[0]->y[n] == 0, "%s: the optimum is known",
               settings[k][0]);
    check_that(golden == (k == 0 ? 2 : 0), "%s: %zu golden points", settings[k][0], golden);
    check_at_most(most, 1, "%s: %zu reference points, in their tolerances", settings[k][0], count);
    check_that(evaluate(p, self, points[0]->x, y) == DMO_OK && y[n] == 0, "%s: the loss is exactly 0 there",
               settings[k][0]);
    free(y);
    p->problem->destroy(self);
  }
}
