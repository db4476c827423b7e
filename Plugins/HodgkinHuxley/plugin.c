#include "problems.h"

static const dmo_problem *const problems[] = {&cell_problem, &trace_problem, &network_problem,
                                              &motoneuron_problem};

static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.dmo.hh", .name = "Hodgkin-Huxley cells",
  .version = "1.0.0", .vendor = "dmo", .license = "Apache-2.0", .problem_count = sizeof problems / sizeof problems[0],
  .problems = problems,
};

const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
