/* Checks liboscillators.so: check PLUGIN CASES SCRATCH [ORACLE].  ORACLE is the folder of the stored answers. */
#include "check.h"

#include <dlfcn.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

void check_at_most(double value, double limit, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int good = value <= limit;
  printf("%s  ", good ? "ok  " : "FAIL");
  vprintf(format, arguments);
  printf(": %.3g (limit %.3g)\n", value, limit);
  va_end(arguments);
  failures += !good;
}

void check_that(int condition, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  printf("%s  ", condition ? "ok  " : "FAIL");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
  failures += !condition;
}

int check_failures(void) { return failures; }

static void give_up(const char *what, const char *why) {
  fprintf(stderr, "error: %s: %s\n", what, why);
  exit(2);
}

plugin plugin_open(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) give_up(path, dlerror());
  dmo_plugin_v1_fn entry;
  *(void **)&entry = dlsym(library, "dmo_plugin_v1");
  const dmo_plugin *tables = entry ? entry(&(dmo_host){.struct_size = sizeof(dmo_host), .threads = 1}) : NULL;
  if (!tables || tables->problem_count != 1 || strcmp(tables->problems[0]->id, "cnon")) give_up(path, "has no cnon");
  const dmo_problem *p = tables->problems[0];
  plugin out = {p, p->extension(DMO_EXT_GRADIENT), p->extension(DMO_EXT_BATCH), p->extension(DMO_EXT_COMPOSITE),
                p->extension(DMO_EXT_REFERENCE)};
  if (!out.gradient || !out.batch || !out.composite || !out.reference) give_up(path, "lacks an extension");
  if (p->extension("dmo.gradient/1x") || p->extension("dmo.nope/1")) give_up(path, "offers what does not exist");
  return out;
}

dmo_instance make(const plugin *p, char *error, const char *const *settings) {
  const char *texts[32] = {0};
  for (uint32_t i = 0; i < p->problem->option_count; i++) {
    const dmo_option *o = &p->problem->options[i];
    texts[i] = o->default_text;
    for (size_t k = 0; settings[k]; k++) {
      size_t length = strlen(o->key);
      if (!strncmp(settings[k], o->key, length) && settings[k][length] == '=') texts[i] = settings[k] + length + 1;
    }
  }
  dmo_instance instance = NULL;
  dmo_host host = {.struct_size = sizeof host, .threads = 1};
  error[0] = 0;
  dmo_status status = p->problem->create(&host, texts, &instance, &(dmo_text){error, 512});
  return status ? NULL : instance;
}

dmo_instance make_or_exit(const plugin *p, const char *const *settings) {
  char error[512];
  dmo_instance instance = make(p, error, settings);
  if (!instance) give_up(settings[0], error);
  return instance;
}

size_t size_of(const plugin *p, dmo_instance self) { return p->problem->describe(self)->params[0].count; }

dmo_status evaluate(const plugin *p, dmo_instance self, const double *x, double *y) {
  size_t n = size_of(p, self);
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = n};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = n + 1};
  return p->problem->evaluate(self, &call, &out);
}

dmo_status vjp(const plugin *p, dmo_instance self, const double *x, const double *ybar, double *xbar, double *y) {
  size_t n = size_of(p, self);
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = n};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = n + 1};
  return p->gradient->vjp(self, &call, ybar, xbar, &out);
}

dmo_status jvp(const plugin *p, dmo_instance self, const double *x, const double *xdot, double *ydot, double *y) {
  size_t n = size_of(p, self);
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = n};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = n + 1};
  return p->gradient->jvp(self, &call, xdot, ydot, &out);
}

double next_random(void) {
  static uint64_t state = 1;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) * 0x1p-52 - 1;
}

void fill_random(double *values, size_t n, double size) {
  for (size_t i = 0; i < n; i++) values[i] = size * next_random();
}

double *doubles(size_t n) {
  double *p = calloc(n, sizeof(double));
  if (!p) give_up("doubles", "out of memory");
  return p;
}

/* NaN counts as infinitely large in both. */
double largest_difference(const double *a, const double *b, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i] - b[i]) <= most)) most = isnan(a[i] - b[i]) ? INFINITY : fabs(a[i] - b[i]);
  return most;
}

double largest(const double *a, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i]) <= most)) most = isnan(a[i]) ? INFINITY : fabs(a[i]);
  return most;
}

int main(int count, char **arguments) {
  if (count < 4) give_up("usage", "check PLUGIN CASES SCRATCH [ORACLE]");
  plugin p = plugin_open(arguments[1]);
  if (count > 4) check_oracle(&p, arguments[4]);
  else printf("skip  oracle: no folder of stored answers was given\n");
  check_cases(&p, arguments[2]);
  check_reference(&p);
  check_gradient(&p);
  check_long_gradient(&p);
  check_batch(&p);
  check_composite(&p);
  check_buffers(&p);
  check_threads(&p);
  check_cancel(&p);
  check_options(&p);
  check_files(&p, arguments[3]);
  printf("%d failed\n", failures);
  return failures != 0;
}
