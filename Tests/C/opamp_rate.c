/* opamp_rate: how fast the op-amp plugin answers, and whether its memory grows.
 * usage: opamp_rate LIBOPAMP.SO MODELS            MODELS "-": the built-in pair
 *          reads sizings, ten numbers a line; at an empty line prints "CPU_SECONDS POINTS ANSWERED" for those since
 *          the last one.  Reading and printing are outside the clock.
 *        opamp_rate LIBOPAMP.SO MODELS COUNT      prints resident memory along COUNT random sizings and its slope;
 *                                                 exit 1 when the second half grows by 64 bytes each or more */
#include "tiny_host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 10, BATCH = 4096, CHECKPOINTS = 20 };
// 10,000 evaluations at this slope are 640 KB: far below what `alter` costs (17 KB each), above allocator noise.
static const double SLOPE_LIMIT = 64;

static void serve(tiny_host *h) {
  static double x[BATCH][INPUTS];
  char line[1024];
  size_t n = 0;
  while (fgets(line, sizeof line, stdin)) {
    char *at = line;
    if (line[0] != '\n') {
      if (n == BATCH) tiny_fail("more than %d sizings at once", BATCH);
      for (int i = 0; i < INPUTS; i++) x[n][i] = strtod(at, &at);
      n++;
      continue;
    }
    size_t answered = 0;
    double y[64], start = tiny_cpu_seconds();
    for (size_t i = 0; i < n; i++) answered += tiny_evaluate(h, x[i], y, NULL) == DMO_OK;
    printf("%.9f %zu %zu\n", tiny_cpu_seconds() - start, n, answered);
    fflush(stdout);
    n = 0;
  }
}

static int watch_memory(tiny_host *h, size_t count) {
  double x[INPUTS], y[64], at[CHECKPOINTS + 1], resident[CHECKPOINTS + 1];
  uint64_t random = 1;
  for (size_t c = 0, i = 0; c <= CHECKPOINTS; c++) {
    for (; i < count * c / CHECKPOINTS; i++) {
      tiny_random_point(h, &random, x);
      tiny_evaluate(h, x, y, NULL);
    }
    at[c] = (double)i;
    resident[c] = (double)tiny_resident_bytes();
    if (c % 2 == 0) printf("after %6zu evaluations: %.2f MB\n", i, resident[c] / 1e6);
  }
  // Least squares over the second half: the first fills the allocator's arenas.
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t c = CHECKPOINTS / 2; c <= CHECKPOINTS; c++, n++) {
    sx += at[c];
    sy += resident[c];
    sxx += at[c] * at[c];
    sxy += at[c] * resident[c];
  }
  double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  printf("slope of the second half: %.2f bytes an evaluation\n", slope);
  return slope < SLOPE_LIMIT ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 4) tiny_fail("usage: %s LIBOPAMP.SO MODELS|- [COUNT]", argv[0]);
  char setting[4096];
  const char *settings[] = {setting};
  snprintf(setting, sizeof setting, "models=%s", argv[2]);
  tiny_host h;
  tiny_create(&h, tiny_open(argv[1]), "opamp-fom", settings, strcmp(argv[2], "-") != 0);
  int failed = 0;
  if (argc == 4) failed = watch_memory(&h, strtoul(argv[3], NULL, 10));
  else serve(&h);
  tiny_destroy(&h);
  return failed;
}
