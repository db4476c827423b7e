/* canary: a plugin with one planted fault, to show that the sanitizers would see it.
 * Build with -DCANARY=1 (a write beyond y), 2 (a leak), 3 (signed overflow). */
#include <dmo/dmo.h>
#include <limits.h>
#include <stdlib.h>

static const dmo_param params[] = {{.id = "x", .min = 0, .max = 1}};
static const dmo_output outputs[] = {{.id = "y", .role = DMO_MINIMIZE}};
static const dmo_spec spec = {
  .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
  .param_count = 1, .params = params, .output_count = 1, .outputs = outputs,
};

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  (void)self;
  result->y[0] = call->x[0];
#if CANARY == 1
  size_t one = call->x_count;
  result->y[one] = 0;
#elif CANARY == 2
  // Read back through volatile, so that the allocation stays.
  void *volatile lost = malloc(64);
  lost = NULL;
  (void)lost;
#elif CANARY == 3
  volatile int most = INT_MAX;
  result->y[0] = most + 1;
#endif
  return DMO_OK;
}

static const dmo_problem problem = {
  .struct_size = sizeof problem, .id = "canary", .name = "Canary", .threads = DMO_THREADS_FREE, .spec = &spec,
  .evaluate = evaluate,
};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.dmo.canary", .name = "Canary",
  .version = "1.0.0", .problem_count = 1, .problems = problems,
};
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
