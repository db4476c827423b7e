/* A plugin that uses every structure of dmo.h. Built with a grown header (grow.awk) it also sets and reads the fields
 * that came later, each only where the host's structure covers it. */
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef DMO_GROWN
#  define LATER , .later = {7}
#  define COVERS(table) ((table)->struct_size >= offsetof(__typeof__(*(table)), later) + 8)
#  define LATER_OF(table) (COVERS(table) ? (double)(table)->later[0] : 0)
#else
#  define LATER
#  define LATER_OF(table) 0
#endif

typedef struct state { double gain, threads; } state;
static const char *const modes[] = {"slow", "fast", NULL};
static const dmo_param params[] = {
  {.id = "width", .unit = "um", .scale = DMO_LOG, .min = 1, .max = 100, .has_initial = 1, .initial = 10 LATER},
  {.id = "mode", .kind = DMO_CATEGORICAL, .choices = modes LATER},
  {.id = "phase", .unit = "rad", .max = 6, .count = 2, .periodic = 1 LATER},
};
static const dmo_output outputs[] = {
  {.id = "cost", .role = DMO_MINIMIZE, .scale = 2 LATER},
  {.id = "wave", .unit = "V", .role = DMO_OBSERVE, .count = 2, .flags = DMO_MAY_BE_NAN LATER},
  {.id = "swing", .unit = "V", .role = DMO_AT_LEAST, .bound = -3 LATER},
};
static const dmo_spec spec = {.struct_size = sizeof spec, .param_size = sizeof params[0], .param_count = 3,
                              .output_size = sizeof outputs[0], .output_count = 3, .params = params,
                              .outputs = outputs LATER};
static const dmo_option options[] = {
  {.kind = DMO_OPT_REAL, .key = "gain", .help = "factor", .default_text = "2", .min = 1, .max = 4 LATER},
  {.kind = DMO_OPT_CHOICE, .key = "corner", .default_text = "fast", .choices = modes LATER},
};

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  const state *s = self;
  const double *x = call->x;
  if (x[0] > 50) {
    snprintf(out->message.data, out->message.capacity, "width %g is above 50", x[0]);
    return DMO_INFEASIBLE;
  }
  /* A later field that is missing or zero means the old behaviour. */
  double coarse = call->fidelity == 1 ? 0.5 : 1;
  out->y[0] = s->gain * x[0] * x[0] * coarse + LATER_OF(call) + LATER_OF(out);
  out->y[1] = x[2] + x[3];
  out->y[2] = NAN;
  out->y[3] = x[2] - x[1];
  out->cost = s->threads;
  return DMO_OK;
}
static dmo_status vjp(dmo_instance self, const dmo_call *call, const double *ybar, double *xbar, dmo_result *out) {
  dmo_status status = evaluate(self, call, out);
  xbar[0] = 2 * ((const state *)self)->gain * call->x[0] * ybar[0];
  xbar[1] = 0;
  xbar[2] = ybar[1] + ybar[3];
  xbar[3] = ybar[1];
  return status;
}
static dmo_status many(dmo_instance self, const dmo_call *const *calls, dmo_result *const *results,
                       dmo_status *statuses, size_t n) {
  for (size_t i = 0; i < n; i++) statuses[i] = evaluate(self, calls[i], results[i]);
  return DMO_OK;
}
static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t nx, double *y, size_t ny) {
  for (size_t i = 0; i < n; i++) {
    y[i * ny] = ((const state *)self)->gain * x[i * nx] * x[i * nx];
    y[i * ny + 3] = x[i * nx + 2] - x[i * nx + 1];
  }
  return DMO_OK;
}
static const double known_x[] = {3, 1, 2, 1}, known_y[] = {18, 3, NAN, 1};
static const dmo_reference_point golden = {.struct_size = sizeof golden, .kind = DMO_REF_GOLDEN, .note = "by hand",
                                           .x = known_x, .y = known_y, .rtol = 1e-12 LATER};
static const dmo_reference_point *const known[] = {&golden};
static size_t points(dmo_instance self, const dmo_reference_point *const **list) {
  *list = known;
  return ((const state *)self)->gain == 2;
}
static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  (void)self, (void)error;
  emit(sink, &(dmo_artifact){.struct_size = sizeof(dmo_artifact), .kind = DMO_ARTIFACT_SERIES, .id = "x", .rows = 1,
                             .columns = 2, .x = call->x, .y = call->x + 2 LATER});
  return DMO_OK;
}
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  state *s = malloc(sizeof *s);
  if (!s) {
    snprintf(error->data, error->capacity, "out of memory");
    return DMO_FAILED;
  }
  *s = (state){.gain = strtod(texts[0], NULL), .threads = host->threads};
  *instance = s;
  return DMO_OK;
}
static const dmo_gradient gradient = {.struct_size = sizeof gradient, .vjp = vjp LATER};
static const dmo_batch batch = {.struct_size = sizeof batch, .evaluate = many LATER};
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose LATER};
static const dmo_fidelity_level levels[] = {{"full", "all", 1 LATER}, {"half", "coarse", 0.5 LATER}};
static const dmo_fidelity fidelity = {.struct_size = sizeof fidelity, .level_size = sizeof levels[0], .level_count = 2,
                                      .levels = levels LATER};
static const dmo_reference reference = {.struct_size = sizeof reference, .points = points LATER};
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw LATER};
static const void *extension(const char *id) {
  if (!strcmp(id, DMO_EXT_GRADIENT)) return &gradient;
  if (!strcmp(id, DMO_EXT_BATCH)) return &batch;
  if (!strcmp(id, DMO_EXT_COMPOSITE)) return &composite;
  if (!strcmp(id, DMO_EXT_FIDELITY)) return &fidelity;
  if (!strcmp(id, DMO_EXT_REFERENCE)) return &reference;
  return strcmp(id, DMO_EXT_ARTIFACT) ? NULL : &artifacts;
}
static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = DMO_THREADS_INSTANCE, .flags = DMO_HIDDEN_CONSTRAINTS, .id = "all",
  .name = "All of it", .option_size = sizeof options[0], .option_count = 2, .options = options, .spec = &spec,
  .evaluate = evaluate, .create = create, .destroy = free, .extension = extension LATER};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {.struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.abi",
                                  .name = "ABI", .version = "1.0.0", .problem_count = 1, .problems = problems LATER};
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  host->log(host, DMO_LEVEL_INFO, "loaded");
  return &plugin;
}
