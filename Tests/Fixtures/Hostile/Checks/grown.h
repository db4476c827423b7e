/* A plugin as a later minor version would build it: fields appended that this host does not know. */
#include <dmo/dmo.h>

static const struct { dmo_param known; double later; } params[] = {
  {{.id = "a", .unit = "1", .max = 1}, 7}, {{.id = "b", .unit = "1", .max = 2}, 7}};
static const struct { dmo_output known; double later[2]; } outputs[] = {{{.id = "y", .unit = "1"}, {7, 7}}};
static const struct { dmo_spec known; double later; } spec = {
  {.struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0], .param_count = 2,
   .output_count = 1, .params = &params[0].known, .outputs = &outputs[0].known}, 7};
static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  (void)self;
  out->y[0] = call->x[0] * call->x[1];
  return DMO_OK;
}
static const dmo_problem problem = {.struct_size = sizeof problem, .threads = DMO_THREADS_FREE, .id = "grown",
                                    .spec = &spec.known, .evaluate = evaluate};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {.struct_size = sizeof plugin, .abi_minor = MINOR, .id = "org.example.grown",
                                  .name = "Grown", .version = "1.0.0", .vendor = "dmo", .license = "Apache-2.0",
                                  .url = "https://example.org", .problem_count = 1, .problems = problems};
DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *host) { (void)host; return &plugin; }
