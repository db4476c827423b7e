/* A plugin of one parameter and one output whose table breaks the rule that -DBREAK_... names. */
#include <dmo/dmo.h>
#include <math.h>

#ifndef PARAM
#  define PARAM .min = 0, .max = 1
#endif
#ifndef PARAM_ID
#  define PARAM_ID "a"
#endif
#ifndef OUTPUT
#  define OUTPUT .role = DMO_MINIMIZE
#endif
#ifndef OUTPUT_ID
#  define OUTPUT_ID "y"
#endif
#ifndef SPEC
#  define SPEC .param_count = 1, .output_count = 1
#endif
#ifndef SIZES
#  define SIZES .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0]
#endif
#ifndef PROBLEM
#  define PROBLEM .struct_size = sizeof problem
#endif
#ifndef PLUGIN
#  define PLUGIN .struct_size = sizeof plugin, .problem_count = 1
#endif
#ifndef ENTRY
#  define ENTRY dmo_plugin_v1
#endif

static const dmo_param params[] = {{.id = PARAM_ID, PARAM}, {.id = PARAM_ID, PARAM}};
static const dmo_output outputs[] = {{.id = OUTPUT_ID, OUTPUT}};
static const dmo_spec spec = {SIZES, SPEC, .params = params, .outputs = outputs};
static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  (void)self;
  out->y[0] = call->x[0];
  return DMO_OK;
}
static const dmo_option options[] = {
#ifdef OPTION
  {OPTION}
#else
  {.key = "unused"}
#endif
};
static const dmo_problem problem = {.id = "table", .spec = &spec, .evaluate = evaluate, .options = options,
                                    .option_size = sizeof options[0], PROBLEM};
static const dmo_problem *const problems[] = {&problem, &problem};
static const dmo_plugin plugin = {.id = "org.example.table", .name = "Table", .version = "1.0.0", .problems = problems,
                                  PLUGIN};
DMO_EXPORT const dmo_plugin *ENTRY(const dmo_host *host) { (void)host; return &plugin; }
#ifdef CONSTRUCTOR
__attribute__((constructor)) static void start(void) { CONSTRUCTOR; }
#endif
