/* hh-trace against NEURON (shared/oracle/hh/hh_neuron.json), its order, and its extensions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

enum { TRACES = 8 };

static double largest_difference(const double *a, const double *b, size_t count) {
  double largest = 0;
  for (size_t i = 0; i < count; i++) {
    double d = fabs(a[i] - b[i]);
    if (!(d <= largest)) largest = d; /* also when d is NaN */
  }
  return largest;
}

static void against_neuron(void) {
  size_t count;
  double *parameters = oracle_array("hh_neuron", "params", &count), dv = 0, euler = 0, multistep = 0;
  instance same = OPEN("hh-trace", "integrator=staggered-euler"), better = OPEN("hh-trace");
  double *y = malloc(same.y_count * sizeof *y);
  int counts = 1;
  check("the oracle has 8 traces", count == 4 * TRACES);
  for (int i = 0; i < TRACES; i++) {
    char key[32];
    size_t n, at_v = output_at(&same, "v"), at_spike = output_at(&same, "spike"), at_count = output_at(&same,
                                                                                                       "spike_count");
    counts &= evaluate(&same, parameters + 4 * i, y) == DMO_OK;
    double *v = oracle_array("hh_neuron", (snprintf(key, sizeof key, "v_%d", i), key), &n);
    counts &= n == 8001;
    dv = fmax(dv, largest_difference(y + at_v, v, n));
    free(v);
    double *spikes = oracle_array("hh_neuron", (snprintf(key, sizeof key, "spikes_%d", i), key), &n);
    counts &= y[at_count] == (double)n;
    euler = fmax(euler, largest_difference(y + at_spike, spikes, n));
    free(spikes);
    counts &= evaluate(&better, parameters + 4 * i, y) == DMO_OK;
    spikes = oracle_array("hh_neuron", (snprintf(key, sizeof key, "spikes_cvode_%d", i), key), &n);
    counts &= y[at_count] == (double)n && (n == 0 || y[output_at(&better, "last_spike")] == y[at_spike + n - 1]);
    multistep = fmax(multistep, largest_difference(y + at_spike, spikes, n));
    free(spikes);
  }
  check("spike counts equal NEURON's, both integrators, all traces", counts);
  check_at_most("staggered-euler: largest |v - NEURON|, mV", dv, 1e-3);
  check_at_most("staggered-euler: largest spike time difference, ms (less than a step)", euler, 1e-6);
  check_at_most("multistep at dt 0.025: largest spike time difference from CVODE, ms", multistep, 0.05);
  free(y), free(parameters), close_problem(&same), close_problem(&better);
}

/* The largest |v - finest v| over a run to 12 ms, which has one spike, from the current's onset to well after it. */
static double error_at(const char *integrator, const char *dt, const double *finest, double *y) {
  char name[64], step[32];
  snprintf(name, sizeof name, "integrator=%s", integrator), snprintf(step, sizeof step, "dt=%s", dt);
  instance it = OPEN("hh-trace", name, step, "duration=12", "record_dt=0.1");
  static const double x[4] = {0.12, 0.036, 0.0003, 0.1};
  if (evaluate(&it, x, y) != DMO_OK) return NAN;
  double error = finest ? largest_difference(y + output_at(&it, "v"), finest, 121) : 0;
  close_problem(&it);
  return error;
}

static void order(void) {
  double finest[256], y[256];
  error_at("multistep", "0.0005", NULL, finest);
  const double *v = finest + 3;
  static const char *const names[] = {"multistep", "staggered-euler"}, *const steps[] = {"0.02", "0.01", "0.005"};
  static const double least[] = {2, 0.9};
  for (int i = 0; i < 2; i++) {
    double e[3], lowest = INFINITY;
    for (int j = 0; j < 3; j++) e[j] = error_at(names[i], steps[j], v, y);
    for (int j = 0; j < 2; j++) lowest = fmin(lowest, log2(e[j] / e[j + 1]));
    printf("      %s: errors %.3g, %.3g, %.3g mV at dt 0.02, 0.01, 0.005; orders %.2f, %.2f\n", names[i], e[0], e[1],
           e[2],
           log2(e[0] / e[1]), log2(e[1] / e[2]));
    char text[96];
    snprintf(text, sizeof text, "%s: order at least %g", names[i], least[i]);
    check(text, lowest >= least[i]);
  }
}

static double random01(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* Points of the box, logarithmic where the spec says so. */
static void draw(const instance *it, uint64_t *state, double *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    for (uint32_t j = 0; j < it->spec->param_count; j++) {
      const dmo_param *p = &it->spec->params[j];
      double u = random01(state);
      x[i * it->x_count + j] = p->scale == DMO_LOG ? p->min * pow(p->max / p->min, u) : p->min + u * (p->max - p->min);
    }
  }
}

void check_batch(instance *it, size_t n, const char *what) {
  uint64_t state = 7;
  double *x = malloc(n * it->x_count * sizeof *x), *many = malloc(n * it->y_count * sizeof *many);
  double *one = malloc(it->y_count * sizeof *one);
  dmo_status *statuses = malloc(n * sizeof *statuses);
  static const size_t sizes[] = {1, 2, 3, 8, 17};
  draw(it, &state, x, n);
  int same = 1;
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    if (sizes[s] > n) continue;
    same &= evaluate_batch(it, x, many, statuses, sizes[s]) == DMO_OK;
    for (size_t i = 0; i < sizes[s]; i++) {
      dmo_status status = evaluate(it, x + i * it->x_count, one);
      same &= status == statuses[i] && memcmp(one, many + i * it->y_count, it->y_count * sizeof *one) == 0;
    }
  }
  check(what, same);
  free(x), free(many), free(one), free(statuses);
}

static void box_is_finite(const char *dt, const char *celsius) {
  char step[32], temperature[32], text[96];
  snprintf(step, sizeof step, "dt=%s", dt), snprintf(temperature, sizeof temperature, "celsius=%s", celsius);
  instance it = OPEN("hh-trace", step, temperature, "duration=50");
  double x[4 * 16], *y = malloc(it.y_count * sizeof *y);
  int finite = 1;
  for (int corner = 0; corner < 16; corner++) {
    for (int j = 0; j < 4; j++) x[4 * corner + j] = corner >> j & 1 ? it.spec->params[j].max : it.spec->params[j].min;
    finite &= evaluate(&it, x + 4 * corner, y) == DMO_OK;
    for (size_t i = 0; i < 500; i++) finite &= fabs(y[output_at(&it, "v") + i]) < 2000;
  }
  snprintf(text, sizeof text, "all corners of the box stay finite at dt %s ms, %s degC", dt, celsius);
  check(text, finite);
  free(y), close_problem(&it);
}

static void composite_and_references(void) {
  instance it = OPEN("hh-trace");
  const dmo_composite *composite = it.problem->extension(DMO_EXT_COMPOSITE);
  const dmo_reference *reference = it.problem->extension(DMO_EXT_REFERENCE);
  static const double x[4] = {0.1, 0.03, 3e-4, 0.2};
  double *y = malloc(it.y_count * sizeof *y);
  check("an ordinary point evaluates", evaluate(&it, x, y) == DMO_OK && y[0] > 1);
  double value = y[0];
  y[0] = NAN;
  composite->compose(it.self, 1, x, 4, y, it.y_count);
  check("the composite repeats the objective to the bit", y[0] == value);
  const dmo_reference_point *const *points;
  size_t n = reference->points(it.self, &points);
  for (size_t i = 0; i < n; i++) {
    int good = evaluate(&it, points[i]->x, y) == DMO_OK;
    for (size_t j = 0; j < it.y_count; j++) {
      double expected = points[i]->y[j];
      if (!isnan(expected)) good &= fabs(y[j] - expected) <= points[i]->atol + points[i]->rtol * fabs(expected);
    }
    check(points[i]->kind == DMO_REF_OPTIMUM ? "rmse is exactly 0 at the hidden values" : points[i]->note, good);
  }
  free(y), close_problem(&it);
}

static void refuses(const char *option, const char *word) {
  int refused;
  instance it = open_problem("hh-trace", (const char *const[]){option, NULL}, &refused);
  char text[128];
  snprintf(text, sizeof text, "%s is refused with a reason", option);
  check(text, refused && strstr(it.error, word));
}

void test_trace(void) {
  if (shared_folder()) against_neuron();
  else printf("skip  hh-trace against NEURON: no shared/oracle/hh (set DMO_SHARED)\n");
  order();
  instance it = OPEN("hh-trace", "duration=60");
  check_batch(&it, 17, "hh-trace: a batch of 1, 2, 3, 8, 17 equals single calls to the bit");
  close_problem(&it);
  it = OPEN("hh-trace", "duration=60", "integrator=staggered-euler", "dt=0.03", "record_dt=0.06");
  check_batch(&it, 17, "hh-trace, staggered-euler, dt 0.03: batch equals single to the bit");
  close_problem(&it);
  box_is_finite("0.025", "6.3");
  box_is_finite("0.1", "6.3");
  box_is_finite("0.1", "35");
  composite_and_references();
  refuses("record_dt=0.03", "multiple");
  refuses("duration=10.01", "multiple");
}
