/* motoneuron: its reference points, and its rates against a Runge-Kutta integration of the paper's equations as they
 * stand there, written without the plugin's code. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../../Plugins/HodgkinHuxley/kernel.h"
#include "host.h"

enum { STATES = 11 };

static double sigmoid(double v, double middle, double slope) { return 1 / (1 + exp((v - middle) / slope)); }

/* Booth, Rinzel and Kiehn 1997; y: Vs, Vd, h, n, mN and hN of the soma, mN and hN of the dendrite, mL, [Ca] of both. */
static void slope(const double *p, double current, const double *y, double *d) {
  double vs = y[0], vd = y[1], m = sigmoid(vs, -35, -7.8);
  double i_can = p[2] * y[4] * y[4] * y[5] * (vs - 80);
  double i_ca_d = (p[4] * y[6] * y[6] * y[7] + p[5] * y[8]) * (vd - 80);
  double i_na = p[0] * m * m * m * y[2] * (vs - 55), i_k = p[1] * pow(y[3], 4) * (vs + 80);
  double i_kca_s = p[3] * y[9] / (y[9] + 0.2) * (vs + 80), i_kca_d = p[6] * y[10] / (y[10] + 0.2) * (vd + 80);
  d[0] = (current - i_na - i_k - i_can - i_kca_s - p[7] * (vs + 60) - p[8] / 0.1 * (vs - vd)) / p[9];
  d[1] = (-i_ca_d - i_kca_d - p[7] * (vd + 60) - p[8] / 0.9 * (vd - vs)) / p[9];
  d[2] = (sigmoid(vs, -55, 7) - y[2]) * (exp((vs + 50) / 15) + exp(-(vs + 50) / 16)) / 30;
  d[3] = (sigmoid(vs, -28, -15) - y[3]) * (exp((vs + 40) / 40) + exp(-(vs + 40) / 50)) / 7;
  d[4] = (sigmoid(vs, -30, -5) - y[4]) / 4, d[5] = (sigmoid(vs, -45, 5) - y[5]) / 40;
  d[6] = (sigmoid(vd, -30, -5) - y[6]) / 4, d[7] = (sigmoid(vd, -45, 5) - y[7]) / 40;
  d[8] = (sigmoid(vd, -40, -7) - y[8]) / 40;
  d[9] = p[10] * (-0.009 * i_can - 2 * y[9]), d[10] = p[10] * (-0.009 * i_ca_d - 2 * y[10]);
}

static void runge_kutta(const double *p, double current, double dt, double *y) {
  double k[4][STATES], z[STATES];
  static const double at[] = {0, 0.5, 0.5, 1};
  for (int s = 0; s < 4; s++) {
    for (int i = 0; i < STATES; i++) z[i] = y[i] + (s ? at[s] * dt * k[s - 1][i] : 0);
    slope(p, current, z, k[s]);
  }
  for (int i = 0; i < STATES; i++) y[i] += dt / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
}

/* All at rest for -60 mV. */
static void start(const double *p, double *y) {
  const double v = -60, gates[] = {v, v, sigmoid(v, -55, 7), sigmoid(v, -28, -15), sigmoid(v, -30, -5),
                                   sigmoid(v, -45, 5), sigmoid(v, -30, -5), sigmoid(v, -45, 5), sigmoid(v, -40, -7)};
  memcpy(y, gates, sizeof gates);
  y[9] = -0.009 / 2 * p[2] * y[4] * y[4] * y[5] * (v - 80);
  y[10] = -0.009 / 2 * (p[4] * y[6] * y[6] * y[7] + p[5] * y[8]) * (v - 80);
}

/* Rate (Hz) in the second half of a 1000 ms step after 500 ms of rest, and the resting potential. */
static double rate_by_runge_kutta(const double *p, double current, double *rest) {
  const double dt = 0.005;
  double y[STATES], first = 0, last = 0;
  int count = 0;
  start(p, y);
  for (int i = 0; i < 100000; i++) runge_kutta(p, 0, dt, y);
  *rest = y[0];
  for (int i = 0; i < 200000; i++) {
    double before = y[0];
    runge_kutta(p, current, dt, y);
    if (i < 100000 || before > -10 || y[0] <= -10) continue;
    last = (i + 1 - (y[0] + 10) / (y[0] - before)) * dt;
    if (count++ == 0) first = last;
  }
  return count > 1 ? 1000 * (count - 1) / (last - first) : 0;
}

static void rates_against_runge_kutta(const double *published) {
  static const struct { double change; int parameter, level; } cases[] = {
    {1, 0, 0}, {1, 0, 2}, {1, 0, 6}, {1.6, 6, 3}, {0.7, 0, 4}};
  double error = 0, rest_error = 0, x[11], rest;
  instance it = OPEN("motoneuron");
  double *y = malloc(it.y_count * sizeof *y);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    memcpy(x, published, sizeof x);
    x[cases[i].parameter] *= cases[i].change;
    evaluate(&it, x, y);
    double expected = rate_by_runge_kutta(x, 5 * (cases[i].level + 1), &rest);
    error = fmax(error, fabs(y[output_at(&it, "rate") + (size_t)cases[i].level] / expected - 1));
    rest_error = fmax(rest_error, fabs(y[0] - rest));
  }
  check_at_most("motoneuron: resting potential off Runge-Kutta, mV", rest_error, 1e-3);
  check_at_most("motoneuron: rates off Runge-Kutta at dt 0.025, relative", error, 0.02);
  free(y), close_problem(&it);
}

enum { SPIKE = 3 };

static double current_of(int lane) { return 12 + 3 * lane; }

/* Times of the SPIKE-th spikes at eight currents from the start, by the plugin's own loop. */
static void spikes_by_kernel(const double *p, double dt, double times[HH_LANES]) {
  const hh_kernels *k = hh_kernels_here().many;
  mn_block b = {.dt = dt, .decay_4ms = exp(-dt / 4), .decay_40ms = exp(-dt / 40)};
  double *const fields[] = {b.g_na, b.g_kdr, b.g_can_s, b.g_kca_s, b.g_can_d, b.g_cal, b.g_kca_d, b.g_l, b.g_c, b.c_m};
  mn_state s;
  double v[HH_LANES];
  int count[HH_LANES] = {0};
  for (int i = 0; i < HH_LANES; i++) {
    for (int j = 0; j < 10; j++) fields[j][i] = p[j];
    b.calcium_decay[i] = exp(-2 * p[10] * dt), b.current[i] = current_of(i), s.vs[i] = s.vd[i] = -60;
  }
  k->mn_settle(&b, &s);
  for (int step = 0; step * dt < 60; step++) {
    double before[HH_LANES];
    memcpy(before, s.vs, sizeof before);
    if (!k->mn_advance(&b, &s, 1, v)) continue;
    for (int i = 0; i < HH_LANES; i++) {
      if (before[i] > -10 || v[i] <= -10 || ++count[i] != SPIKE) continue;
      times[i] = (step + 1 - (v[i] + 10) / (v[i] - before[i])) * dt;
    }
  }
}

static double spike_by_runge_kutta(const double *p, double current) {
  const double dt = 0.002;
  double y[STATES];
  start(p, y);
  int count = 0;
  for (int i = 0; i * dt < 60; i++) {
    double before = y[0];
    runge_kutta(p, current, dt, y);
    if (before <= -10 && y[0] > -10 && ++count == SPIKE) return (i + 1 - (y[0] + 10) / (y[0] - before)) * dt;
  }
  return NAN;
}

static void order(const double *p) {
  double exact[HH_LANES], times[HH_LANES], e[4] = {0};
  for (int i = 0; i < HH_LANES; i++) exact[i] = spike_by_runge_kutta(p, current_of(i));
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < HH_LANES; i++) times[i] = NAN;
    spikes_by_kernel(p, 0.02 / (1 << j), times);
    for (int i = 0; i < HH_LANES; i++) e[j] += fabs(times[i] - exact[i]) / HH_LANES;
  }
  double mean = log2(e[0] / e[3]) / 3;
  printf("      motoneuron: third spikes off by %.3g, %.3g, %.3g, %.3g ms at dt 0.02 ... 0.0025; order %.2f\n",
         e[0], e[1], e[2], e[3], mean);
  check("motoneuron: order at least 1.7", mean >= 1.7);
}

static void references(void) {
  instance it = OPEN("motoneuron");
  const dmo_reference *reference = it.problem->extension(DMO_EXT_REFERENCE);
  const dmo_composite *composite = it.problem->extension(DMO_EXT_COMPOSITE);
  const dmo_reference_point *const *points;
  double *y = malloc(2 * it.y_count * sizeof *y), *again = y + it.y_count;
  reference->points(it.self, &points);
  int feasible = evaluate(&it, points[0]->x, y) == DMO_OK, bounds = 0, goals = 0;
  size_t at = 0;
  for (uint32_t j = 0; j < it.spec->output_count; j++) {
    const dmo_output *o = &it.spec->outputs[j];
    if (o->role == DMO_AT_MOST) feasible &= y[at] <= o->bound;
    if (o->role == DMO_AT_LEAST) feasible &= y[at] >= o->bound;
    bounds += o->role == DMO_AT_MOST || o->role == DMO_AT_LEAST, goals += o->role == DMO_MINIMIZE;
    at += o->count ? o->count : 1;
  }
  check("motoneuron: 11 parameters, at least 4 goals and 7 bounds", it.x_count == 11 && goals >= 4 && bounds >= 7);
  check("motoneuron: the published cell is feasible", feasible);
  memcpy(again, y, it.y_count * sizeof *y);
  for (size_t j = output_at(&it, "error_passive"); j < it.y_count; j++) again[j] = NAN;
  composite->compose(it.self, 1, points[0]->x, it.x_count, again, it.y_count);
  check("motoneuron: the composite repeats goals and bounds to the bit", memcmp(again, y, it.y_count * sizeof *y) == 0);
  check("motoneuron: a silent cell is infeasible and says why",
        evaluate(&it, points[1]->x, y) == DMO_INFEASIBLE && strstr(it.error, "repetitively") && isfinite(y[0]));
  free(y), close_problem(&it);
}

void test_motoneuron(void) {
  instance it = OPEN("motoneuron");
  const dmo_reference_point *const *points;
  ((const dmo_reference *)it.problem->extension(DMO_EXT_REFERENCE))->points(it.self, &points);
  references();
  rates_against_runge_kutta(points[0]->x);
  order(points[0]->x);
  close_problem(&it);
}
