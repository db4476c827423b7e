#include "tiny_host.h"
#include <dlfcn.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_LENGTH = 512 };

void tiny_fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "error: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(1);
}

static void print_log(const dmo_host *host, int32_t level, const char *text) {
  (void)host;
  fprintf(stderr, "log %d: %s\n", level, text);
}
static const void *no_extension(const dmo_host *host, const char *id) {
  (void)host;
  (void)id;
  return NULL;
}
dmo_host tiny_host_table = {
  .struct_size = sizeof tiny_host_table, .abi_minor = DMO_ABI_MINOR, .name = "tiny-host", .version = "1.0.0",
  .threads = 1, .log = print_log, .extension = no_extension,
};

const dmo_plugin *tiny_open(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) tiny_fail("%s", dlerror());
  dmo_plugin_v1_fn entry = NULL;
  *(void **)&entry = dlsym(library, "dmo_plugin_v1");   // POSIX's own idiom for a function from dlsym()
  if (!entry) tiny_fail("%s exports no dmo_plugin_v1", path);
  const dmo_plugin *plugin = entry(&tiny_host_table);
  if (!plugin) tiny_fail("%s: dmo_plugin_v1 answered NULL", path);
  return plugin;
}

static const char **option_texts(const dmo_problem *p, const char *const *settings, size_t setting_count) {
  const char **texts = calloc(p->option_count + 1, sizeof *texts);
  if (!texts) tiny_fail("out of memory");
  for (uint32_t i = 0; i < p->option_count; i++) texts[i] = p->options[i].default_text;
  for (size_t s = 0; s < setting_count; s++) {
    const char *equals = strchr(settings[s], '=');
    uint32_t i = 0;
    size_t length = equals ? (size_t)(equals - settings[s]) : 0;
    while (equals && i < p->option_count
           && (strncmp(settings[s], p->options[i].key, length) != 0 || p->options[i].key[length])) i++;
    if (!equals || i == p->option_count) tiny_fail("%s has no option for '%s'", p->id, settings[s]);
    texts[i] = equals + 1;
  }
  return texts;
}

void tiny_create(tiny_host *h, const dmo_plugin *plugin, const char *problem_id, const char *const *settings,
                 size_t setting_count) {
  *h = (tiny_host){.plugin = plugin};
  for (uint32_t i = 0; i < plugin->problem_count; i++)
    if (strcmp(plugin->problems[i]->id, problem_id) == 0) h->problem = plugin->problems[i];
  if (!h->problem) tiny_fail("%s has no problem %s", plugin->id, problem_id);
  const char **texts = option_texts(h->problem, settings, setting_count);
  char message[MESSAGE_LENGTH] = "";
  dmo_text error = {message, sizeof message};
  if (h->problem->create) {
    dmo_status status = h->problem->create(&tiny_host_table, texts, &h->instance, &error);
    if (status != DMO_OK) tiny_fail("create of %s: status %d: %s", problem_id, status, message);
  }
  free(texts);
  h->spec = h->problem->describe ? h->problem->describe(h->instance) : h->problem->spec;
  for (uint32_t i = 0; i < h->spec->param_count; i++)
    h->x_count += h->spec->params[i].count ? h->spec->params[i].count : 1;
  for (uint32_t i = 0; i < h->spec->output_count; i++)
    h->y_count += h->spec->outputs[i].count ? h->spec->outputs[i].count : 1;
}

void tiny_destroy(tiny_host *h) {
  if (h->problem->destroy) h->problem->destroy(h->instance);
  *h = (tiny_host){0};
}

static int32_t never(const dmo_call *call) {
  (void)call;
  return 0;
}
static void silent(const dmo_call *call, double fraction) {
  (void)call;
  (void)fraction;
}

dmo_call tiny_call(const tiny_host *h, const double *x) {
  return (dmo_call){.struct_size = sizeof(dmo_call), .eval_id = 1, .seed = 1, .x = x, .x_count = h->x_count,
                    .cancelled = never, .progress = silent};
}

dmo_status tiny_evaluate(tiny_host *h, const double *x, double *y, char *message) {
  char unused[MESSAGE_LENGTH] = "";
  dmo_call call = tiny_call(h, x);
  dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = h->y_count,
                       .message = {message ? message : unused, MESSAGE_LENGTH}, .cost = NAN};
  for (size_t i = 0; i < h->y_count; i++) y[i] = NAN;
  return h->problem->evaluate(h->instance, &call, &result);
}

size_t tiny_output(const tiny_host *h, const char *id) {
  size_t at = 0;
  for (uint32_t i = 0; i < h->spec->output_count; i++) {
    if (strcmp(h->spec->outputs[i].id, id) == 0) return at;
    at += h->spec->outputs[i].count ? h->spec->outputs[i].count : 1;
  }
  tiny_fail("%s has no output %s", h->problem->id, id);
}

double tiny_cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

long tiny_resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%*s %ld", &pages) != 1) tiny_fail("cannot read /proc/self/statm");
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

double tiny_random(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

void tiny_random_point(const tiny_host *h, uint64_t *state, double *x) {
  size_t at = 0;
  for (uint32_t i = 0; i < h->spec->param_count; i++) {
    const dmo_param *p = &h->spec->params[i];
    double low = p->min, high = p->max;
    if (p->kind == DMO_BOOLEAN || p->kind == DMO_CATEGORICAL) {
      low = 0;
      high = 1;
      if (p->kind == DMO_CATEGORICAL) for (high = 0; p->choices[(size_t)high + 1]; high++) {}
    }
    for (uint32_t k = 0; k < (p->count ? p->count : 1); k++) {
      double u = tiny_random(state);
      if (p->kind != DMO_REAL) x[at] = low + floor(u * (high - low + 1));
      else if (p->step > 0) x[at] = fmin(high, low + p->step * floor(u * ((high - low) / p->step + 1)));
      else if (p->scale == DMO_LOG) x[at] = fmin(high, fmax(low, low * pow(high / low, u)));
      else x[at] = low + u * (high - low);
      at++;
    }
  }
}
