/* plugin.c: the tables that the host reads first. */
#include "wavefront.h"
#include <string.h>

static const void *extension(const char *id) {
  if (strcmp(id, DMO_EXT_GRADIENT) == 0) return &wf_gradient;
  if (strcmp(id, DMO_EXT_BATCH) == 0) return &wf_batch;
  if (strcmp(id, DMO_EXT_COMPOSITE) == 0) return &wf_composite;
  if (strcmp(id, DMO_EXT_ARTIFACT) == 0) return &wf_artifacts;
  if (strcmp(id, DMO_EXT_REFERENCE) == 0) return &wf_reference;
  return NULL;
}

static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = DMO_THREADS_INSTANCE,
  .option_size = sizeof(dmo_option), .option_count = WF_OPTION_COUNT,
  .id = "beam-splitter", .name = "Optical beam splitter",
  .summary = "A phase mask that splits a Gaussian beam in two, by Rayleigh-Sommerfeld propagation",
  .options = wf_options, .evaluate = wf_evaluate, .create = wf_create, .describe = wf_describe,
  .destroy = wf_destroy, .extension = extension,
};
static const dmo_problem *const problems[] = { &problem };
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.dmo.wavefront", .name = "Wavefront",
  .version = "1.0.0", .vendor = "dmo", .license = "Apache-2.0", .problem_count = 1, .problems = problems,
};

const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
