/* opamp_limits: the op-amp's measures against an amplifier with a closed form, and its answers where it has none.
 * usage: opamp_limits LIBOPAMP.SO */
#include "tiny_host.h"
#include "../../Plugins/OpAmp/generic130.c"
#include "../../Plugins/OpAmp/measures.c"
#include <complex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect(bool holds, const char *what) {
  if (!holds) tiny_fail("%s", what);
  printf("  %s\n", what);
}

/* A(f) = gain / ((1 + j f/p1) (1 + j f/p2)) on the plugin's own grid. */
static void two_poles(sweep *s, double gain, double p1, double p2) {
  s->count = 221;
  for (size_t i = 0; i < s->count; i++) {
    double f = s->frequency[i] = 0.1 * pow(10, (double)i / 20);
    double complex a = gain / ((1 + I * f / p1) * (1 + I * f / p2));
    s->real[i] = creal(a);
    s->imaginary[i] = cimag(a);
  }
}

static void check_measures(void) {
  static sweep s;
  double gain, ugbw, pm;
  two_poles(&s, 5000, 700, 9e6);
  // |A| = 1: (1 + u/p1^2)(1 + u/p2^2) = G^2, a quadratic in u = f^2.
  double b = 1 / (700.0 * 700) + 1 / 9e6 / 9e6, a = 1 / (700.0 * 700) / 9e6 / 9e6, c = 1 - 5000.0 * 5000;
  double f = sqrt((-b + sqrt(b * b - 4 * a * c)) / (2 * a));
  double margin = 180 - 180 / PI * (atan(f / 700) + atan(f / 9e6));
  expect(measure_open_loop(&s, &gain, &ugbw, &pm) == CROSSING_FOUND, "two poles: a crossing is found");
  expect(fabs(gain - 5000) < 5000 * 1e-7, "two poles: the gain at 0.1 Hz is the DC gain to (f/p1)^2");
  // Curvature of log|A| between points a factor 1.122 apart: below 1e-3 in frequency, 0.05 degrees in phase.
  expect(fabs(ugbw - f) < 1e-3 * f, "two poles: UGBW within 1e-3 of the closed form");
  expect(fabs(pm - margin) < 0.05, "two poles: PM within 0.05 deg of the closed form");
  two_poles(&s, -5000, 700, 9e6);
  double decibels[MAX_POINTS], degrees[MAX_POINTS];
  sweep_bode(&s, decibels, degrees);
  expect(fabs(fabs(degrees[0]) - 180) < 0.1, "inverted: the phase starts half a turn away");
  bool smooth = true;
  for (size_t i = 1; i < s.count; i++) smooth = smooth && fabs(degrees[i] - degrees[i - 1]) < 90;
  expect(smooth, "inverted: the phase is unwrapped");
  two_poles(&s, 0.5, 700, 9e6);
  expect(measure_open_loop(&s, &gain, &ugbw, &pm) == CROSSING_BELOW && ugbw == 0 && pm == 0,
         "gain below 1: UGBW = PM = 0");
  two_poles(&s, 5000, 1e9, 9e12);
  expect(measure_open_loop(&s, &gain, &ugbw, &pm) == CROSSING_BEYOND && fabs(gain - 5000) < 1,
         "no crossing is said so");
}

/* The built-in cards with the NMOS bins cut at `wmax`, a text of the same length. */
static void write_narrow_cards(const char *path) {
  char *text = strdup(generic130_cards), *at = text ? strstr(text, "wmax=1e-03") : NULL;
  if (!at) tiny_fail("the built-in cards have another shape");
  memcpy(at, "wmax=1e-05", 10);
  FILE *file = fopen(path, "w");
  if (!file || fputs(text, file) < 0 || fclose(file) != 0) tiny_fail("cannot write %s", path);
  free(text);
}

static void check_missing_bin(const dmo_plugin *plugin) {
  char path[] = "/tmp/opamp_limits_XXXXXX", setting[64], message[512] = "";
  int file = mkstemp(path);
  if (file < 0) tiny_fail("cannot create %s", path);
  close(file);
  write_narrow_cards(path);
  snprintf(setting, sizeof setting, "models=%s", path);
  const char *settings[] = {setting};
  tiny_host h;
  tiny_create(&h, plugin, "opamp-spec", settings, 1);
  double wide[10] = {12, 1, 8, 1, 8, 1, 20, 1, 1, 5}, narrow[10] = {8, 1, 8, 1, 8, 1, 20, 1, 1, 5}, y[10];
  expect(tiny_evaluate(&h, wide, y, message) == DMO_INFEASIBLE && strstr(message, "M5"),
         "no card: INFEASIBLE, by name");
  double area = 2 * 8 + 2 * 8 + 3 * 12 + 20;
  expect(fabs(y[tiny_output(&h, "area")] - area) < 1e-9 && isnan(y[tiny_output(&h, "gain")]),
         "no card: the area is written, the gain is not");
  expect(tiny_evaluate(&h, narrow, y, message) == DMO_OK, "inside the bins: OK");
  tiny_destroy(&h);
  unlink(path);
}

/* Without a common mode the pair is off: an amplifier that amplifies nothing is still an answer. */
static void check_dead_pair(const dmo_plugin *plugin) {
  static const char *const settings[] = {"vcm=0.02"};
  double x[10] = {17, 1.1, 17, 1.1, 17, 1.1, 17, 1.1, 2, 10}, y[10];
  char message[512] = "";
  tiny_host h;
  tiny_create(&h, plugin, "opamp-fom", settings, 1);
  dmo_status status = tiny_evaluate(&h, x, y, message);
  double gain = y[tiny_output(&h, "gain")];
  printf("  vcm = 0.02 V: status %d, gain %g %s\n", status, gain, message);
  expect(status == DMO_OK && gain <= 1 && y[tiny_output(&h, "ugbw")] == 0 && y[tiny_output(&h, "pm")] == 0,
         "pair off: gain <= 1, UGBW = PM = 0, status OK");
  expect(fabs(y[tiny_output(&h, "fom")] - 1.2 * gain / 100) < 1e-15, "pair off: fom is its gain term");
  tiny_destroy(&h);
}

static void check_options(const dmo_plugin *plugin) {
  static const char *const decibel[] = {"gain_unit=db", "w_gain=2", "w_pm=0", "w_ugbw=0"};
  static const char *const supply[] = {"vdd=2.0", "ibias=40", "cload=5"};
  double x[10] = {17, 1.1, 17, 1.1, 17, 1.1, 17, 1.1, 2, 5}, y[10], z[10];
  tiny_host h;
  tiny_create(&h, plugin, "opamp-fom", decibel, 4);
  const dmo_reference_point *const *points;
  const dmo_reference *reference = h.problem->extension(DMO_EXT_REFERENCE);
  expect(tiny_evaluate(&h, x, y, NULL) == DMO_OK, "gain_unit=db: OK");
  expect(fabs(y[9] - 2 * 20 * log10(y[0]) / 100) < 1e-12, "gain_unit=db: fom = w_gain * 20 log10(gain) / 100");
  expect(reference->points(h.instance, &points) == 0, "other options: no golden points");
  tiny_destroy(&h);
  tiny_create(&h, plugin, "opamp-fom", supply, 3);
  expect(tiny_evaluate(&h, x, z, NULL) == DMO_OK, "vdd, ibias, cload: OK");
  // The supply carries ibias, the tail and ratio * ibias: 4 times ibias within the mirrors' error.
  double current = z[3] / 2.0;
  expect(fabs(current - 4 * 40e-6) < 0.2 * 4 * 40e-6, "ibias=40, vdd=2: the supply current is near 4 ibias");
  expect(z[7] < 40e-6 / 5e-12 * 1.2 && z[7] > 40e-6 / 5e-12 * 0.5, "slew is near I5 / Cc");
  tiny_destroy(&h);
}

int main(int argc, char **argv) {
  if (argc != 2) tiny_fail("usage: %s LIBOPAMP.SO", argv[0]);
  check_measures();
  const dmo_plugin *plugin = tiny_open(argv[1]);
  check_missing_bin(plugin);
  check_dead_pair(plugin);
  check_options(plugin);
  return 0;
}
