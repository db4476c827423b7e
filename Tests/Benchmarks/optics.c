/* optics.c: times libwavefront.so as a host calls it; the other half of optics.py.
 * usage: optics LIBRARY SECONDS KEY=VALUE...   Prints one JSON line: the loss at the timed mask, the norm of its
 * gradient, and milliseconds a point (the rounds that fit into SECONDS, each way). */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS_A_ROUND = 50, MOST_ROUNDS = 4096, BATCH = 32 };

typedef struct timed {
  const dmo_problem *problem;
  dmo_instance instance;
  const dmo_gradient *gradient;
  const dmo_batch *batch;
  const dmo_call **calls;
  dmo_result **results;
  dmo_status statuses[BATCH];
  double *ybar, *xbar;
} timed;

static double now(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static dmo_status forward(timed *t) { return t->problem->evaluate(t->instance, t->calls[0], t->results[0]); }
static dmo_status backward(timed *t) {
  return t->gradient->vjp(t->instance, t->calls[0], t->ybar, t->xbar, t->results[0]);
}
static dmo_status many(timed *t) {
  return t->batch->evaluate(t->instance, t->calls, t->results, t->statuses, BATCH);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Prints milliseconds a point: the median of the rounds by the clock on the wall, and by the processor time, which is
 * the steadier on a shared machine. */
static void measure(timed *t, const char *name, dmo_status (*body)(timed *), int calls, int points, double seconds) {
  static double wall[MOST_ROUNDS], processor[MOST_ROUNDS];
  int count = 0;
  if (body(t) != DMO_OK) exit(1);
  double per_point = 1e3 / ((double)calls * points);
  for (double end = now(CLOCK_MONOTONIC) + seconds; now(CLOCK_MONOTONIC) < end && count < MOST_ROUNDS; count++) {
    double start = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < calls; i++) body(t);
    processor[count] = per_point * (now(CLOCK_PROCESS_CPUTIME_ID) - used);
    wall[count] = per_point * (now(CLOCK_MONOTONIC) - start);
  }
  qsort(wall, (size_t)count, sizeof *wall, ascending);
  qsort(processor, (size_t)count, sizeof *processor, ascending);
  printf("\"%s\": {\"median\": %.5g, \"min\": %.5g, \"cpu_median\": %.5g}, ", name, wall[count / 2], wall[0],
         processor[count / 2]);
}

static size_t numbers_of(uint32_t count) { return count ? count : 1; }

static void *room(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (!memory) exit(1);
  return memory;
}

static void prepare(timed *t, const dmo_spec *spec) {
  size_t x_count = 0, y_count = 0, loss = 0;
  for (uint32_t i = 0; i < spec->param_count; i++) x_count += numbers_of(spec->params[i].count);
  for (uint32_t i = 0; i < spec->output_count; i++) {
    if (strcmp(spec->outputs[i].id, "loss") == 0) loss = y_count;
    y_count += numbers_of(spec->outputs[i].count);
  }
  double *x = room(BATCH * x_count, sizeof *x), *y = room(BATCH * y_count, sizeof *y);
  dmo_call *calls = room(BATCH, sizeof *calls);
  dmo_result *results = room(BATCH, sizeof *results);
  t->calls = room(BATCH, sizeof *t->calls);
  t->results = room(BATCH, sizeof *t->results);
  t->ybar = room(y_count, sizeof *t->ybar);
  t->xbar = room(x_count, sizeof *t->xbar);
  t->ybar[loss] = 1;
  srand(1);
  for (size_t i = 0; i < BATCH * x_count; i++) x[i] = 3.1415926 * (2.0 * rand() / RAND_MAX - 1);
  for (size_t i = 0; i < BATCH; i++) {
    calls[i] = (dmo_call){ .struct_size = sizeof *calls, .x = x + i * x_count, .x_count = x_count };
    results[i] = (dmo_result){ .struct_size = sizeof *results, .y = y + i * y_count, .y_count = y_count };
    t->calls[i] = &calls[i];
    t->results[i] = &results[i];
  }
  if (backward(t) != DMO_OK) exit(1);
  double norm = 0;
  for (size_t i = 0; i < x_count; i++) norm += t->xbar[i] * t->xbar[i];
  printf("{\"loss\": %.12g, \"grad_norm\": %.6g, ", y[loss], sqrt(norm));
}

int main(int count, char **arguments) {
  void *library = count > 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  dmo_plugin_v1_fn entry = NULL;
  if (library) *(void **)&entry = dlsym(library, "dmo_plugin_v1");
  if (!entry) {
    fprintf(stderr, "usage: optics LIBRARY SECONDS KEY=VALUE...\n");
    return 2;
  }
  const dmo_host host = { .struct_size = sizeof host, .name = "optics", .version = "0", .threads = 1 };
  timed t = { .problem = entry(&host)->problems[0] };
  const char *texts[32];
  for (uint32_t i = 0; i < t.problem->option_count; i++) {
    const dmo_option *option = &t.problem->options[i];
    size_t length = strlen(option->key);
    texts[i] = option->default_text;
    for (int k = 3; k < count; k++)
      if (strncmp(arguments[k], option->key, length) == 0 && arguments[k][length] == '=')
        texts[i] = arguments[k] + length + 1;
  }
  char message[512] = "";
  dmo_text error = { message, sizeof message };
  double start = now(CLOCK_MONOTONIC), seconds = atof(arguments[2]);
  if (t.problem->create(&host, texts, &t.instance, &error) != DMO_OK) {
    fprintf(stderr, "%s\n", message);
    return 1;
  }
  double create = 1e3 * (now(CLOCK_MONOTONIC) - start);
  t.gradient = t.problem->extension(DMO_EXT_GRADIENT);
  t.batch = t.problem->extension(DMO_EXT_BATCH);
  prepare(&t, t.problem->describe(t.instance));
  measure(&t, "forward_ms", forward, CALLS_A_ROUND, 1, seconds);
  measure(&t, "forward_grad_ms", backward, CALLS_A_ROUND, 1, seconds);
  measure(&t, "batch_ms", many, 1, BATCH, seconds);
  printf("\"create_ms\": %.4g}\n", create);
  return 0;
}
