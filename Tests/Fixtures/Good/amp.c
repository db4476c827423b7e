/* A good plugin with every extension: y is smooth in x, the goals follow from the observed output. */
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct amp { double factor; dmo_param params[3]; dmo_spec spec; const dmo_reference_point *list[2]; } amp;

static const char *const modes[] = {"slow", "fast", NULL};
static const dmo_param params[3] = {
  {.id = "width", .name = "Width", .unit = "um", .scale = DMO_LOG, .min = 1, .max = 100, .has_initial = 1, .initial = 10},
  {.id = "fingers", .kind = DMO_INTEGER, .min = 1, .max = 16},
  {.id = "mode", .kind = DMO_CATEGORICAL, .choices = modes},
};
static const dmo_output outputs[4] = {
  {.id = "area", .unit = "um2", .role = DMO_OBSERVE, .scale = 10},
  {.id = "wave", .unit = "V", .role = DMO_OBSERVE, .count = 4, .columns = 2, .flags = DMO_MAY_BE_NAN},
  {.id = "power", .unit = "W", .role = DMO_MINIMIZE},
  {.id = "gain", .unit = "dB", .role = DMO_AT_LEAST, .bound = 60},
};
static const dmo_option options[] = {
  {.kind = DMO_OPT_REAL, .key = "factor", .help = "multiplies the area", .default_text = "1", .min = 0.5, .max = 2},
  {.kind = DMO_OPT_CHOICE, .key = "corner", .choices = (const char *const[]){"tt", "ss", NULL}},
  {.kind = DMO_OPT_INT, .key = "top", .default_text = "100", .help = "upper end of the width"},
};
/* x = width, fingers; y = area, wave, power = area * area, gain = 40 + area */
static void goals(const double *y, double *out) {
  out[5] = y[0] * y[0];
  out[6] = 40 + y[0];
}
static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  const amp *a = self;
  const double *x = call->x;
  double *y = out->y;
  if (x[0] * x[1] > 800) {
    y[0] = a->factor * x[0] * x[1];
    snprintf(out->message.data, out->message.capacity, "width times fingers is %g, above 800", x[0] * x[1]);
    return DMO_INFEASIBLE;
  }
  y[0] = a->factor * x[0] * x[1];
  for (int k = 0; k < 4; k++) y[1 + k] = k == 3 ? NAN : sin(x[0] + k);
  goals(y, y);
  out->cost = 0.25;
  return DMO_OK;
}
static dmo_status vjp(dmo_instance self, const dmo_call *call, const double *ybar, double *xbar, dmo_result *out) {
  const amp *a = self;
  dmo_status status = evaluate(self, call, out);
  double area = ybar[0] + ybar[5] * 2 * out->y[0] + ybar[6];
  xbar[0] = area * a->factor * call->x[1];
  for (int k = 0; k < 3; k++) xbar[0] += ybar[1 + k] * cos(call->x[0] + k);
  xbar[1] = xbar[2] = 0;
  return status;
}
static dmo_status jvp(dmo_instance self, const dmo_call *call, const double *xdot, double *ydot, dmo_result *out) {
  const amp *a = self;
  dmo_status status = evaluate(self, call, out);
  ydot[0] = a->factor * call->x[1] * xdot[0];
  for (int k = 0; k < 4; k++) ydot[1 + k] = k == 3 ? 0 : cos(call->x[0] + k) * xdot[0];
  ydot[5] = 2 * out->y[0] * ydot[0];
  ydot[6] = ydot[0];
  return status;
}
static dmo_status batch(dmo_instance self, const dmo_call *const *calls, dmo_result *const *results, dmo_status *statuses,
                        size_t n) {
  for (size_t k = 0; k < n; k++) statuses[k] = evaluate(self, calls[k], results[k]);
  return DMO_OK;
}
static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t nx, double *y, size_t ny) {
  (void)self, (void)x, (void)nx;
  for (size_t k = 0; k < n; k++) goals(y + k * ny, y + k * ny);
  return DMO_OK;
}
static dmo_status compose_vjp(dmo_instance self, size_t n, const double *x, size_t nx, const double *y, size_t ny,
                              const double *ybar, double *zbar, double *xbar) {
  (void)self, (void)x, (void)nx, (void)xbar;
  for (size_t k = 0; k < n; k++, y += ny, ybar += ny, zbar += ny) zbar[0] += ybar[5] * 2 * y[0] + ybar[6];
  return DMO_OK;
}
static const double golden_x[] = {10, 2, 1}, golden_y[] = {20, NAN, NAN, NAN, NAN, 400, 60};
static const dmo_reference_point golden = {.struct_size = sizeof golden, .kind = DMO_REF_GOLDEN, .note = "by hand",
                                           .x = golden_x, .y = golden_y, .rtol = 1e-12};
static size_t points(dmo_instance self, const dmo_reference_point *const **list) {
  amp *a = self;
  a->list[0] = &golden;
  *list = a->list;
  return a->factor == 1;
}
static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  (void)self, (void)error;
  double t[3] = {0, 1, 2}, v[3] = {call->x[0], call->x[1], call->x[2]};
  emit(sink, &(dmo_artifact){.struct_size = sizeof(dmo_artifact), .kind = DMO_ARTIFACT_SERIES, .id = "step",
                             .title = "Step", .x_unit = "s", .rows = 1, .columns = 3, .x = t, .y = v});
  emit(sink, &(dmo_artifact){.struct_size = sizeof(dmo_artifact), .kind = DMO_ARTIFACT_IMAGE, .id = "map", .rows = 1,
                             .columns = 3, .y = v});
  return DMO_OK;
}
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  amp *a = calloc(1, sizeof *a);
  if (!a) return DMO_FAILED;
  a->factor = strtod(texts[0], NULL);
  memcpy(a->params, params, sizeof params);
  a->params[0].max = strtod(texts[2], NULL);
  if (texts[1] && !strcmp(texts[1], "ss")) {
    snprintf(error->data, error->capacity, "the corner ss has no models");
    free(a);
    return DMO_UNSUPPORTED;
  }
  a->spec = (dmo_spec){.struct_size = sizeof a->spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
                       .param_count = 3, .params = a->params, .output_count = 4, .outputs = outputs};
  host->log(host, DMO_LEVEL_INFO, "amp created");
  *instance = a;
  return DMO_OK;
}
static const dmo_spec *describe(dmo_instance self) { return &((amp *)self)->spec; }
static const dmo_gradient gradient = {.struct_size = sizeof gradient, .vjp = vjp, .jvp = jvp};
static const dmo_batch batches = {.struct_size = sizeof batches, .evaluate = batch};
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose, .compose_vjp = compose_vjp};
static const dmo_fidelity_level levels[] = {{"full", "as it is", 1}, {"half", "coarser", 0.5}};
static const dmo_fidelity fidelity = {.struct_size = sizeof fidelity, .level_size = sizeof levels[0], .level_count = 2,
                                      .levels = levels};
static const dmo_reference reference = {.struct_size = sizeof reference, .points = points};
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};
static const void *extension(const char *id) {
  if (!strcmp(id, DMO_EXT_GRADIENT)) return &gradient;
  if (!strcmp(id, DMO_EXT_BATCH)) return &batches;
  if (!strcmp(id, DMO_EXT_COMPOSITE)) return &composite;
  if (!strcmp(id, DMO_EXT_FIDELITY)) return &fidelity;
  if (!strcmp(id, DMO_EXT_REFERENCE)) return &reference;
  return strcmp(id, DMO_EXT_ARTIFACT) ? NULL : &artifacts;
}
static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = DMO_THREADS_INSTANCE, .id = "amp", .name = "Amplifier",
  .flags = DMO_HIDDEN_CONSTRAINTS, .option_size = sizeof options[0], .option_count = 3, .options = options,
  .evaluate = evaluate, .create = create, .describe = describe, .destroy = free, .extension = extension,
};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {.struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.amp",
                                  .name = "Amp", .version = "1.2.3", .problem_count = 1, .problems = problems};
DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *host) { (void)host; return &plugin; }
