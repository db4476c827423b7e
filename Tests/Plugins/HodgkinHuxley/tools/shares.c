/* Prints, for a problem of the plugin, what 10,000 Sobol points of its box do: how many have an answer, which share
 * satisfies each constraint, and the range of each goal.
 * Usage: shares LIBRARY PROBLEM [POINTS [key=value ...]] */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../host.h"

enum { DIMENSIONS = 11, BITS = 32 };

/* Point `index` of the unscrambled Sobol sequence; primitive polynomials and initial numbers of Joe and Kuo (2008). */
static void sobol(uint64_t index, int dimensions, double *x) {
  static const struct { unsigned degree, polynomial, m[5]; } table[DIMENSIONS] = {
    {0, 0, {0}}, {1, 0, {1}}, {2, 1, {1, 3}}, {3, 1, {1, 3, 1}}, {3, 2, {1, 1, 1}}, {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}}, {5, 2, {1, 1, 5, 5, 17}}, {5, 4, {1, 1, 5, 5, 5}}, {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}}};
  uint64_t gray = index ^ index >> 1;
  for (int d = 0; d < dimensions; d++) {
    uint32_t v[BITS], sum = 0;
    unsigned s = table[d].degree;
    for (unsigned i = 0; i < BITS; i++) {
      if (d == 0) { v[i] = 1u << (31 - i); continue; }
      if (i < s) { v[i] = table[d].m[i] << (31 - i); continue; }
      v[i] = v[i - s] ^ v[i - s] >> s;
      for (unsigned k = 1; k < s; k++) v[i] ^= (table[d].polynomial >> (s - 1 - k) & 1) * v[i - k];
    }
    for (int i = 0; i < BITS; i++) sum ^= gray >> i & 1 ? v[i] : 0;
    x[d] = sum * 0x1p-32;
  }
}

/* Point 100 as SciPy's generator has it. */
static void check_sobol(void) {
  static const double expected[DIMENSIONS] = {0.4140625, 0.2578125, 0.7734375, 0.7265625, 0.8828125, 0.7421875,
                                              0.0234375, 0.4765625, 0.6328125, 0.6953125, 0.4609375};
  double x[DIMENSIONS];
  sobol(100, DIMENSIONS, x);
  for (int d = 0; d < DIMENSIONS; d++) {
    if (x[d] != expected[d]) fprintf(stderr, "error: Sobol dimension %d is wrong: %g\n", d + 1, x[d]), exit(2);
  }
}

static const char *role_name(uint32_t role) { return role == DMO_AT_MOST ? "<=" : ">="; }

int main(int count, char **arguments) {
  if (count < 3) return fprintf(stderr, "usage: shares LIBRARY PROBLEM [POINTS [key=value ...]]\n"), 2;
  load_plugin(arguments[1]);
  size_t points = count > 3 ? strtoul(arguments[3], NULL, 10) : 10000;
  instance it = open_problem(arguments[2], (const char *const *)arguments + (count > 3 ? 4 : 3), NULL);
  check_sobol();
  double x[64], unit[DIMENSIONS] = {0}, *y = malloc(it.y_count * sizeof *y);
  size_t answered = 0, all = 0, *satisfied = calloc(it.spec->output_count, sizeof *satisfied);
  size_t *written = calloc(it.spec->output_count, sizeof *written);
  double lowest[64], highest[64];
  for (int i = 0; i < 64; i++) lowest[i] = INFINITY, highest[i] = -INFINITY;
  struct timespec begin, end;
  timespec_get(&begin, TIME_UTC);
  for (size_t i = 1; i <= points; i++) { /* point 0 is the lower corner */
    sobol(i, (int)it.x_count, unit);
    for (uint32_t j = 0; j < it.spec->param_count; j++) {
      const dmo_param *p = &it.spec->params[j];
      x[j] = p->scale == DMO_LOG ? p->min * pow(p->max / p->min, unit[j]) : p->min + unit[j] * (p->max - p->min);
    }
    int ok = evaluate(&it, x, y) == DMO_OK, good = ok;
    answered += (size_t)ok;
    size_t at = 0;
    for (uint32_t j = 0; j < it.spec->output_count; j++) {
      const dmo_output *o = &it.spec->outputs[j];
      double value = y[at];
      at += o->count ? o->count : 1;
      if (o->count == 0 && isfinite(value)) {
        written[j]++;
        lowest[j] = fmin(lowest[j], value), highest[j] = fmax(highest[j], value);
      }
      if (o->role != DMO_AT_MOST && o->role != DMO_AT_LEAST) continue;
      int met = o->role == DMO_AT_MOST ? value <= o->bound : value >= o->bound;
      satisfied[j] += (size_t)met, good &= met;
    }
    all += (size_t)good;
  }
  timespec_get(&end, TIME_UTC);
  double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
  printf("%s: %zu Sobol points, %.2f ms each; answered %.2f %%, feasible %.2f %%\n", arguments[2], points,
         1e3 * seconds / (double)points, 100.0 * (double)answered / (double)points,
             100.0 * (double)all / (double)points);
  for (uint32_t j = 0; j < it.spec->output_count; j++) {
    const dmo_output *o = &it.spec->outputs[j];
    if (o->count) continue;
    printf("  %-20s written %6.2f %%, range %.4g ... %.4g %s", o->id, 100.0 * (double)written[j] / (double)points,
           lowest[j],
           highest[j], o->unit);
    if (o->role == DMO_AT_MOST || o->role == DMO_AT_LEAST) {
      printf("; %s %g: %.2f %%", role_name(o->role), o->bound, 100.0 * (double)satisfied[j] / (double)points);
    }
    printf("\n");
  }
  free(y), free(satisfied), free(written), close_problem(&it);
}
