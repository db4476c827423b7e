#include "host.h"
#include <array_file.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const dmo_plugin *plugin;
static const char *shared;
static int failures, checks;

static void quit(const char *what, const char *why) {
  fprintf(stderr, "error: %s: %s\n", what, why);
  exit(2);
}

static int32_t not_cancelled(const dmo_call *call) { return (void)call, 0; }

void check(const char *what, int truth) {
  checks++;
  failures += !truth;
  printf("%s  %s\n", truth ? "ok  " : "FAIL", what);
}

void check_at_most(const char *what, double figure, double limit) {
  int truth = figure <= limit;
  checks++;
  failures += !truth;
  printf("%s  %s: %.4g (limit %.4g)\n", truth ? "ok  " : "FAIL", what, figure, limit);
}

instance open_problem(const char *id, const char *const *options, int *refused) {
  instance it = {0};
  for (uint32_t i = 0; i < plugin->problem_count; i++) {
    if (strcmp(plugin->problems[i]->id, id) == 0) it.problem = plugin->problems[i];
  }
  if (!it.problem) quit(id, "the plugin has no such problem");
  const char *texts[32] = {0};
  for (uint32_t i = 0; i < it.problem->option_count; i++) texts[i] = it.problem->options[i].default_text;
  for (; *options; options++) {
    size_t length = strcspn(*options, "=");
    int found = 0;
    for (uint32_t i = 0; i < it.problem->option_count; i++) {
      const char *key = it.problem->options[i].key;
      if (strlen(key) == length && strncmp(key, *options, length) == 0) texts[i] = *options + length + 1, found = 1;
    }
    if (!found) quit(*options, "no such option");
  }
  dmo_host host = {.struct_size = sizeof host, .name = "test", .version = "1", .threads = 1};
  dmo_text error = {it.error, sizeof it.error};
  dmo_status status = it.problem->create(&host, texts, &it.self, &error);
  if (refused) *refused = status != DMO_OK;
  if (status != DMO_OK) {
    if (!refused) quit(id, it.error);
    return it;
  }
  it.spec = it.problem->describe ? it.problem->describe(it.self) : it.problem->spec;
  for (uint32_t i = 0; i < it.spec->param_count; i++) {
    it.x_count += it.spec->params[i].count ? it.spec->params[i].count : 1;
  }
  for (uint32_t i = 0; i < it.spec->output_count; i++) {
    it.y_count += it.spec->outputs[i].count ? it.spec->outputs[i].count : 1;
  }
  return it;
}

void close_problem(instance *it) {
  if (it->problem->destroy) it->problem->destroy(it->self);
}

size_t output_at(const instance *it, const char *id) {
  size_t at = 0;
  for (uint32_t i = 0; i < it->spec->output_count; i++) {
    const dmo_output *output = &it->spec->outputs[i];
    if (strcmp(output->id, id) == 0) return at;
    at += output->count ? output->count : 1;
  }
  quit(id, "no such output");
  return 0;
}

dmo_status evaluate(instance *it, const double *x, double *y) {
  for (size_t i = 0; i < it->y_count; i++) y[i] = NAN;
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = it->x_count, .cancelled = not_cancelled};
  dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = it->y_count, .message = {it->error, 512}};
  it->error[0] = 0;
  return it->problem->evaluate(it->self, &call, &result);
}

dmo_status evaluate_batch(instance *it, const double *x, double *y, dmo_status *statuses, size_t n) {
  const dmo_batch *batch = it->problem->extension(DMO_EXT_BATCH);
  if (!batch) quit(it->problem->id, "no batch extension");
  dmo_call *calls = calloc(n, sizeof *calls);
  dmo_result *results = calloc(n, sizeof *results);
  const dmo_call **call_list = calloc(n, sizeof *call_list);
  dmo_result **result_list = calloc(n, sizeof *result_list);
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < it->y_count; j++) y[i * it->y_count + j] = NAN;
    calls[i] = (dmo_call){.struct_size = sizeof *calls, .x = x + i * it->x_count, .x_count = it->x_count,
                          .cancelled = not_cancelled};
    results[i] = (dmo_result){.struct_size = sizeof *results, .y = y + i * it->y_count, .y_count = it->y_count};
    call_list[i] = &calls[i], result_list[i] = &results[i], statuses[i] = DMO_CANCELLED;
  }
  dmo_status status = batch->evaluate(it->self, call_list, result_list, statuses, n);
  free(calls), free(results), free(call_list), free(result_list);
  return status;
}

const char *shared_folder(void) { return shared; }

double *oracle_array(const char *name, const char *key, size_t *count) {
  char path[1024], error[1024];
  array_want want = {.key = key};
  snprintf(path, sizeof path, "%s/oracle/hh/%s.json", shared, name);
  if (array_file_read(path, &want, 1, error, sizeof error)) quit("oracle", error);
  if (!want.array.values) quit(key, "no such array in the oracle");
  *count = want.array.count;
  return want.array.values;
}

void load_plugin(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) quit(path, dlerror());
  dmo_plugin_v1_fn entry = (dmo_plugin_v1_fn)dlsym(library, "dmo_plugin_v1");
  if (!entry || !(plugin = entry(NULL))) quit(path, "has no dmo_plugin_v1");
}

void use_shared(const char *folder) { shared = folder && *folder ? folder : NULL; }

int report(void) {
  printf("%d checks, %d failed\n", checks, failures);
  return failures != 0;
}
