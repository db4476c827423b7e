/* host.c: see host.h; main() runs every check. */
#include "host.h"
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const dmo_host host = { .struct_size = sizeof host, .abi_minor = DMO_ABI_MINOR, .name = "check",
                               .version = "0", .threads = 1 };
static const dmo_plugin *plugin;
static int failed;

void open_library(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  dmo_plugin_v1_fn entry = NULL;
  if (library) *(void **)&entry = dlsym(library, "dmo_plugin_v1");
  plugin = entry ? entry(&host) : NULL;
  if (!plugin) {
    fprintf(stderr, "cannot open %s: %s\n", path, dlerror());
    exit(2);
  }
}

static const char *given(const char *const *options, const char *key, const char *otherwise) {
  size_t length = strlen(key);
  for (size_t i = 0; options && options[i]; i++)
    if (strncmp(options[i], key, length) == 0 && options[i][length] == '=') return options[i] + length + 1;
  return otherwise;
}

dmo_status start(simulator *self, const char *const *options) {
  memset(self, 0, sizeof *self);
  const dmo_problem *problem = self->problem = plugin->problems[0];
  const char *texts[32];
  for (uint32_t i = 0; i < problem->option_count; i++)
    texts[i] = given(options, problem->options[i].key, problem->options[i].default_text);
  dmo_text error = { self->message, sizeof self->message };
  dmo_status status = problem->create(&host, texts, &self->instance, &error);
  if (status != DMO_OK) return status;
  self->spec = problem->describe(self->instance);
  self->gradient = problem->extension(DMO_EXT_GRADIENT);
  self->batch = problem->extension(DMO_EXT_BATCH);
  self->composite = problem->extension(DMO_EXT_COMPOSITE);
  self->artifacts = problem->extension(DMO_EXT_ARTIFACT);
  self->reference = problem->extension(DMO_EXT_REFERENCE);
  for (uint32_t i = 0; i < self->spec->param_count; i++)
    self->x_count += self->spec->params[i].count ? self->spec->params[i].count : 1;
  for (uint32_t i = 0; i < self->spec->output_count; i++)
    self->y_count += self->spec->outputs[i].count ? self->spec->outputs[i].count : 1;
  return DMO_OK;
}

void finish(simulator *self) { self->problem->destroy(self->instance); }

static dmo_call call_of(const simulator *self, const double *x) {
  return (dmo_call){ .struct_size = sizeof(dmo_call), .x = x, .x_count = self->x_count };
}

static dmo_result result_of(simulator *self, double *y) {
  for (size_t i = 0; i < self->y_count; i++) y[i] = NAN;
  return (dmo_result){ .struct_size = sizeof(dmo_result), .y = y, .y_count = self->y_count, .cost = NAN,
                       .message = { self->message, sizeof self->message } };
}

dmo_status evaluate(simulator *self, const double *x, double *y) {
  dmo_call call = call_of(self, x);
  dmo_result result = result_of(self, y);
  return self->problem->evaluate(self->instance, &call, &result);
}

dmo_status vjp(simulator *self, const double *x, const double *ybar, double *xbar, double *y) {
  dmo_call call = call_of(self, x);
  dmo_result result = result_of(self, y);
  return self->gradient->vjp(self->instance, &call, ybar, xbar, &result);
}

dmo_status jvp(simulator *self, const double *x, const double *xdot, double *ydot, double *y) {
  dmo_call call = call_of(self, x);
  dmo_result result = result_of(self, y);
  return self->gradient->jvp(self->instance, &call, xdot, ydot, &result);
}

size_t place(const simulator *self, const char *output) {
  size_t at = 0;
  for (uint32_t i = 0; i < self->spec->output_count; i++) {
    if (strcmp(self->spec->outputs[i].id, output) == 0) return at;
    at += self->spec->outputs[i].count ? self->spec->outputs[i].count : 1;
  }
  fprintf(stderr, "there is no output %s\n", output);
  exit(2);
}

double *numbers(size_t count) {
  double *memory = calloc(count, sizeof *memory);
  if (!memory) exit(2);
  return memory;
}

double uniform(uint64_t *state, double low, double high) {
  *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;  /* xorshift64 */
  return low + (high - low) * (double)(*state >> 11) * 0x1p-53;
}

void check_at_most(const char *name, double value, double limit) {
  bool holds = value <= limit;
  printf("%s %-62s %.3g (limit %.3g)\n", holds ? "pass" : "FAIL", name, value, limit);
  failed += !holds;
}

void check(const char *name, bool holds) {
  printf("%s %s\n", holds ? "pass" : "FAIL", name);
  failed += !holds;
}

int failures(void) { return failed; }

double relative_distance(const double *a, const double *b, size_t count) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < count; i++) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return sqrt(difference / size);
}

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: %s libwavefront.so SCRATCH_FOLDER [SHARED_FOLDER]\n", arguments[0]);
    return 2;
  }
  open_library(arguments[1]);
  check_direct_sum();
  check_reference();
  check_artifacts();
  check_black_mask();
  check_derivatives();
  check_descent();
  check_batch();
  check_compose();
  check_inputs();
  check_threads();
  check_options();
  check_target_files(arguments[2]);
  if (count > 3) check_oracle(arguments[3]);
  else printf("skip oracle: no folder ../shared/oracle/optics\n");
  printf("%d failed\n", failed);
  return failed > 0;
}
