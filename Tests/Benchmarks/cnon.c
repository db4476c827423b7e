/* Times one `cnon` in liboscillators.so: cnon PLUGIN SYSTEM T DT evaluate|gradient|batch SECONDS < q0
 *
 * Prints the median, least and greatest processor milliseconds a point over the time given, then q(T) (or the gradient
 * of mean(q(T)^2), which is the peers' loss) for comparison.  A batch has 64 points. */
#define _POSIX_C_SOURCE 200809L
#include <dmo/dmo.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 64, SAMPLES = 4096 };

/* Seconds of processor time. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* one thread: not disturbed by other processes as wall time is */
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void *must(void *p, const char *what) {
  if (p) return p;
  fprintf(stderr, "error: %s\n", what);
  exit(2);
}

static dmo_instance make(const dmo_problem *p, char **arguments) {
  const char *texts[32] = {0};
  char error[512] = "";
  for (uint32_t i = 0; i < p->option_count; i++) {
    const char *key = p->options[i].key;
    texts[i] = !strcmp(key, "system") ? arguments[2] : !strcmp(key, "T") ? arguments[3] :
               !strcmp(key, "dt") ? arguments[4] : p->options[i].default_text;
  }
  dmo_instance self = NULL;
  dmo_host host = {.struct_size = sizeof host, .threads = 1};
  return p->create(&host, texts, &self, &(dmo_text){error, sizeof error}) ? must(NULL, error) : self;
}

int main(int count, char **arguments) {
  if (count != 7) must(NULL, "usage: cnon PLUGIN SYSTEM T DT evaluate|gradient|batch SECONDS < q0");
  dmo_plugin_v1_fn entry;
  void *library = must(dlopen(arguments[1], RTLD_NOW), "the plugin does not open");
  *(void **)&entry = must(dlsym(library, "dmo_plugin_v1"), "not a dmo plugin");
  const dmo_problem *p = entry(NULL)->problems[0];
  const dmo_gradient *gradient = p->extension(DMO_EXT_GRADIENT);
  const dmo_batch *batch = p->extension(DMO_EXT_BATCH);
  dmo_instance self = make(p, arguments);
  const size_t n = p->describe(self)->params[0].count, m = n + 1;
  const int points = !strcmp(arguments[5], "batch") ? BATCH : 1, derive = !strcmp(arguments[5], "gradient");
  double *x = must(calloc(BATCH * (3 * m + n), sizeof(double)), "out of memory");
  double *y = x + BATCH * n, *ybar = y + BATCH * m, *xbar = ybar + m;
  dmo_call calls[BATCH];
  dmo_result results[BATCH];
  const dmo_call *call_list[BATCH];
  dmo_result *result_list[BATCH];
  dmo_status statuses[BATCH], status = DMO_OK;
  for (size_t i = 0; i < n; i++)
    if (scanf("%lf", &x[i]) != 1) must(NULL, "q0 is missing on standard input");
  for (size_t k = 0; k < BATCH; k++) {
    for (size_t i = 0; i < n; i++) x[k * n + i] = x[i] * (1 - (double)k / BATCH);
    calls[k] = (dmo_call){.struct_size = sizeof calls[k], .x = x + k * n, .x_count = n};
    results[k] = (dmo_result){.struct_size = sizeof results[k], .y = y + k * m, .y_count = m};
    call_list[k] = &calls[k], result_list[k] = &results[k];
  }
  static double samples[SAMPLES];
  size_t taken = 0;
  status = p->evaluate(self, &calls[0], &results[0]);
  for (double end = now() + atof(arguments[6]); taken < SAMPLES && (now() < end || taken < 5) && !status;) {
    for (size_t i = 0; i < n; i++) ybar[i] = 2 * y[i] / (double)n; /* q(T) of the call before: the same each time */
    double begin = now();
    if (derive) status = gradient->vjp(self, &calls[0], ybar, xbar, &results[0]);
    else if (points > 1) status = batch->evaluate(self, call_list, result_list, statuses, BATCH);
    else status = p->evaluate(self, &calls[0], &results[0]);
    samples[taken++] = (now() - begin) * 1e3 / points;
  }
  if (status) must(NULL, "an evaluation failed");
  qsort(samples, taken, sizeof samples[0], by_size);
  printf("%.9g %.9g %.9g", samples[taken / 2], samples[0], samples[taken - 1]);
  for (size_t i = 0; i < n; i++) printf(" %.17g", derive ? xbar[i] : y[i]);
  printf("\n");
  p->destroy(self);
  return 0;
}
