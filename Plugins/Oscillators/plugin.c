/* The plugin's tables. */
#include "instance.h"

#include <string.h>

static const dmo_gradient gradient = {.struct_size = sizeof gradient, .vjp = osc_vjp, .jvp = osc_jvp};
static const dmo_batch batch = {.struct_size = sizeof batch, .evaluate = osc_evaluate_batch};
static const dmo_composite composite = {
  .struct_size = sizeof composite, .compose = osc_compose, .compose_vjp = osc_compose_vjp,
};
static const dmo_reference reference = {.struct_size = sizeof reference, .points = osc_points};

static const void *extension(const char *id) {
  if (!strcmp(id, DMO_EXT_GRADIENT)) return &gradient;
  if (!strcmp(id, DMO_EXT_BATCH)) return &batch;
  if (!strcmp(id, DMO_EXT_COMPOSITE)) return &composite;
  if (!strcmp(id, DMO_EXT_REFERENCE)) return &reference;
  return NULL;
}

static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = DMO_THREADS_FREE, .id = "cnon", .name = "Coupled nonlinear oscillators",
  .summary = "Find the initial angles of n coupled pendulums that lead to given angles after a time T.",
  .option_size = sizeof(dmo_option), .option_count = OSC_OPTION_COUNT, .options = osc_option_table,
  .evaluate = osc_evaluate, .create = osc_create, .describe = osc_describe, .destroy = osc_destroy,
  .extension = extension,
};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.dmo.oscillators", .name = "Oscillators",
  .version = "1.0.0", .vendor = "dmo", .license = "Apache-2.0", .problem_count = 1, .problems = problems,
};

const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
