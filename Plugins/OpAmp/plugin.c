/* plugin.c: the entry point. */
#include "opamp.h"

static const dmo_problem *const problems[] = {&opamp_fom_problem, &opamp_spec_problem};

static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.dmo.opamp", .name = "Op-amp sizing (ngspice)",
  .version = "1.0.0", .vendor = "dmo", .license = "Apache-2.0", .url = "",
  .problem_count = sizeof problems / sizeof problems[0], .problems = problems,
};

const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
