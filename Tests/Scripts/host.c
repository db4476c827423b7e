/* A small host: loads a plugin, finds a problem, evaluates one point, and prints the status and the outputs.
 * host FILE                     lists the problems
 * host FILE PROBLEM             evaluates the middle of the box
 * host FILE PROBLEM K=V ...     with options; seed=N is the call's seed
 * Built with -DCOUNT_ALLOCATIONS it also says how often 1000 further evaluations allocate, if they do. */
#include <dlfcn.h>
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef COUNT_ALLOCATIONS
/* Counts what the plugin allocates; glibc's own malloc does the work. */
static long allocations;
void *__libc_malloc(size_t size);
void *malloc(size_t size) { allocations++; return __libc_malloc(size); }
#else
static const long allocations = 0;
#endif

static int fail(const char *what, const char *why) {
  fprintf(stderr, "host: %s: %s\n", what, why);
  return 1;
}

static size_t numbers(const void *table, size_t stride, size_t count_at, uint32_t rows) {
  size_t total = 0;
  for (uint32_t i = 0; i < rows; i++) {
    uint32_t count;
    memcpy(&count, (const char *)table + i * stride + count_at, sizeof count);
    total += count ? count : 1;
  }
  return total;
}

static double middle(const dmo_param *p) {
  if (p->kind == DMO_CATEGORICAL || p->kind == DMO_BOOLEAN) return 0;
  if (p->kind == DMO_INTEGER) return floor((p->min + p->max) / 2);
  if (p->step > 0) return p->min + p->step * floor((p->max - p->min) / p->step / 2);
  return p->scale == DMO_LOG ? sqrt(p->min * p->max) : (p->min + p->max) / 2;
}

static int32_t never(const dmo_call *call) { (void)call; return 0; }
static void ignore(const dmo_call *call, double fraction) { (void)call; (void)fraction; }
static void say(const dmo_host *host, int32_t level, const char *text) {
  (void)host;
  fprintf(stderr, "%d %s\n", level, text);
}
static const void *offer(const dmo_host *host, const char *id) { (void)host; (void)id; return NULL; }

static int evaluate(const dmo_problem *problem, const dmo_host *host, int argc, char **argv) {
  const char **texts = calloc(problem->option_count + 1, sizeof *texts);
  uint64_t seed = 0;
  for (uint32_t i = 0; i < problem->option_count; i++) texts[i] = problem->options[i].default_text;
  for (int a = 0; a < argc; a++) {
    char *value = strchr(argv[a], '=');
    if (!value) return fail(argv[a], "not KEY=VALUE");
    *value++ = 0;
    int found = !strcmp(argv[a], "seed");
    if (found) seed = strtoull(value, NULL, 10);
    for (uint32_t i = 0; i < problem->option_count; i++)
      if (!strcmp(problem->options[i].key, argv[a])) { texts[i] = value; found = 1; }
    if (!found) return fail(argv[a], "no such option");
  }
  char message[256] = "";
  dmo_instance self = NULL;
  dmo_text text = { message, sizeof message };
  if (problem->create && problem->create(host, texts, &self, &text) != DMO_OK) return fail("create", message);
  const dmo_spec *spec = problem->spec ? problem->spec : problem->describe(self);
  size_t nx = numbers(spec->params, spec->param_size, offsetof(dmo_param, count), spec->param_count);
  size_t ny = numbers(spec->outputs, spec->output_size, offsetof(dmo_output, count), spec->output_count);
  double *x = calloc(nx, sizeof *x), *y = calloc(ny, sizeof *y);
  for (size_t i = 0, at = 0; i < spec->param_count; i++)
    for (size_t k = 0, n = spec->params[i].count ? spec->params[i].count : 1; k < n; k++)
      x[at++] = middle(&spec->params[i]);
  for (size_t i = 0; i < ny; i++) y[i] = NAN;
  dmo_call call = { .struct_size = sizeof call, .seed = seed, .x = x, .x_count = nx,
                    .cancelled = never, .progress = ignore };
  dmo_result result = { .struct_size = sizeof result, .y = y, .y_count = ny, .message = text, .cost = NAN };
  dmo_status status = problem->evaluate(self, &call, &result);
  printf("status %d\n", status);
  if (status != DMO_OK) printf("message %s\n", message);
  for (size_t i = 0; i < ny; i++) printf("%.17g\n", y[i]);
  long before = allocations;
  for (int i = 0; i < 1000 && status == DMO_OK; i++) status = problem->evaluate(self, &call, &result);
  if (allocations != before) printf("allocations %ld\n", allocations - before);
  if (problem->destroy) problem->destroy(self);
  free(x); free(y); free(texts);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return fail("usage", "host FILE [PROBLEM [K=V ...]]");
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail(argv[1], dlerror());
  dmo_plugin_v1_fn entry;
  void *symbol = dlsym(library, "dmo_plugin_v1");
  if (!symbol) return fail(argv[1], "no dmo_plugin_v1");
  memcpy(&entry, &symbol, sizeof entry);
  dmo_host host = { .struct_size = sizeof host, .abi_minor = DMO_ABI_MINOR, .name = "host", .version = "1",
                    .threads = 1, .log = say, .extension = offer };
  const dmo_plugin *plugin = entry(&host);
  if (!plugin || entry(&host) != plugin) return fail(argv[1], "no table, or another at the second call");
  for (uint32_t i = 0; i < plugin->problem_count; i++) {
    const dmo_problem *problem = plugin->problems[i];
    if (argc == 2) puts(problem->id);
    else if (!strcmp(problem->id, argv[2])) return evaluate(problem, &host, argc - 3, argv + 3);
  }
  return argc == 2 ? 0 : fail(argv[2], "no such problem");
}
