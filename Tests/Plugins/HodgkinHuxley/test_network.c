/* hh-network against NEURON (shared/oracle/hh/hh_network_neuron.json), its order, and its measures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

/* Largest distance of the times of both runs up to `end` ms, spike by spike of each cell; infinite when a cell's count
 * differs. */
static double distance(const double *t1, const double *id1, size_t n1, const double *t2, const double *id2, size_t n2,
                       int cells, double end) {
  double largest = 0;
  for (int cell = 0; cell < cells; cell++) {
    size_t j = 0;
    for (size_t i = 0; i <= n1; i++) {
      if (i < n1 && (id1[i] != cell || t1[i] > end)) continue;
      while (j < n2 && (id2[j] != cell || t2[j] > end)) j++;
      if ((i < n1) != (j < n2)) return INFINITY;
      if (i < n1) largest = fmax(largest, fabs(t1[i] - t2[j])), j++;
    }
  }
  return largest;
}

static size_t spike_count(const double *times, size_t capacity) {
  size_t n = 0;
  while (n < capacity && !isnan(times[n])) n++;
  return n;
}

static void against_neuron(void) {
  char option[1100];
  size_t n, m, at;
  static const char name[] = "hh_network_neuron";
  double *times = oracle_array(name, "spike_t", &n), *ids = oracle_array(name, "spike_id", &m);
  double *weight = oracle_array(name, "weight_uS", &at);
  snprintf(option, sizeof option, "system=%s/oracle/hh/hh_network_neuron.json", shared_folder());
  instance it = OPEN("hh-network", option, "integrator=staggered-euler");
  double *y = malloc(it.y_count * sizeof *y);
  const double x[2] = {*weight, 1};
  check("the system's network evaluates", evaluate(&it, x, y) == DMO_OK);
  at = output_at(&it, "spike");
  size_t count = spike_count(y + at, 1000);
  const double *cells = y + output_at(&it, "spike_cell");
  check_at_most("20 cells, staggered-euler: spikes of the first 50 ms off NEURON's, ms",
                distance(times, ids, n, y + at, cells, count, 20, 50), 0.1);
  check_at_most("20 cells, staggered-euler: spikes of all 200 ms off NEURON's, ms (less than a step)",
                distance(times, ids, n, y + at, cells, count, 20, 200), 0.0125);
  free(y), free(times), free(ids), free(weight), close_problem(&it);
}

/* The first spikes of a random network at a step; returns how many. */
static size_t spikes_at(const char *integrator, const char *dt, double *y) {
  char name[64], step[32];
  snprintf(name, sizeof name, "integrator=%s", integrator), snprintf(step, sizeof step, "dt=%s", dt);
  instance it = OPEN("hh-network", name, step, "n=20", "p_e=0.3", "p_i=0.3", "duration=24", "transient=0",
                     "spikes=200");
  static const double x[6] = {0.01, 0.02, 0.02, 0.02, 0.15, 0.12};
  if (evaluate(&it, x, y) != DMO_OK) return 0;
  size_t n = spike_count(y + output_at(&it, "spike"), 200);
  close_problem(&it);
  return n;
}

static void order(void) {
  static double fine[512], y[512];
  enum { AT = 15 };
  static const char *const names[] = {"multistep", "staggered-euler"}, *const steps[] = {"0.05", "0.025", "0.0125"};
  static const double least[] = {1.7, 0.8};
  size_t n = spikes_at("multistep", "0.001", fine);
  for (int i = 0; i < 2; i++) {
    double e[3];
    for (int j = 0; j < 3; j++) {
      size_t m = spikes_at(names[i], steps[j], y);
      e[j] = distance(fine + AT, fine + AT + 200, n, y + AT, y + AT + 200, m, 20, 22);
    }
    double mean = 0.5 * log2(e[0] / e[2]);
    printf("      network of 20, %zu spikes, %s: errors %.3g, %.3g, %.3g ms at dt 0.05, 0.025, 0.0125; order %.2f\n", n,
           names[i], e[0], e[1], e[2], mean);
    char text[96];
    snprintf(text, sizeof text, "network, %s: order at least %g", names[i], least[i]);
    check(text, n > 20 && mean >= least[i]);
  }
}

static void measures(void) {
  instance it = OPEN("hh-network", "n=50", "duration=200", "spikes=3000");
  const dmo_composite *composite = it.problem->extension(DMO_EXT_COMPOSITE);
  double x[6], *y = malloc(2 * it.y_count * sizeof *y), *again = y + it.y_count;
  for (int i = 0; i < 6; i++) x[i] = it.spec->params[i].initial;
  check("the baseline evaluates", evaluate(&it, x, y) == DMO_OK);
  evaluate(&it, x, again);
  check("twice the same, to the bit", memcmp(y, again, it.y_count * sizeof *y) == 0);
  size_t n = spike_count(y + output_at(&it, "spike"), 3000), counted = 0, excitatory = 0;
  const double *times = y + output_at(&it, "spike"), *cells = y + output_at(&it, "spike_cell");
  for (size_t i = 0; i < n; i++) {
    if (times[i] >= 50) counted++, excitatory += cells[i] < 40;
  }
  check("rates are the spikes per cell and second", n > 50 && n < 3000 &&
        fabs(y[output_at(&it, "rate_e")] - (double)excitatory / 40 / 0.15) < 1e-9 &&
        fabs(y[output_at(&it, "rate_i")] - (double)(counted - excitatory) / 10 / 0.15) < 1e-9);
  for (size_t i = output_at(&it, "off_rate_e"); i < output_at(&it, "spike"); i++) again[i] = NAN;
  composite->compose(it.self, 1, x, 6, again, it.y_count);
  check("the composite repeats goals and bounds to the bit", memcmp(y, again, it.y_count * sizeof *y) == 0);
  x[4] = x[5] = 0;
  evaluate(&it, x, y);
  check("without drive nothing fires", y[output_at(&it, "rate_e")] == 0 && y[output_at(&it, "active_cells")] == 0);
  free(y), close_problem(&it);
}

static void refuses(const char *option, const char *second, const char *word) {
  int refused;
  instance it = open_problem("hh-network", (const char *const[]){option, second, NULL}, &refused);
  char text[700];
  snprintf(text, sizeof text, "refused: %s", it.error);
  check(text, refused && strstr(it.error, word));
}

void test_network(void) {
  if (shared_folder()) against_neuron();
  else printf("skip  hh-network against NEURON: no shared/oracle/hh (set DMO_SHARED)\n");
  order();
  measures();
  refuses("transient=50", "duration=50", "transient");
  refuses("delay=0.01", "dt=0.1", "delay");
  refuses("system=/nonexistent.json", "dt=0.025", "cannot be read");
}
