/* A good plugin with every extension that is cheap, of which each fixture breaks one thing by defining macros first.
 *
 * y = (s, f, g): s = a + b * n is observed, f = s * s is minimised, g = s - 2 is at most 100.
 *
 * The first line of a fixture is "expect: OUTCOME", and its file's name the check that says so (up to the second dot). */
#include <dmo/dmo.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct state { double memory, before; const dmo_reference_point *list[2]; dmo_param params[3]; dmo_spec spec; } state;

#ifndef HELPERS       /* declarations that the others use */
#  define HELPERS
#endif
#ifndef EVALUATE      /* statements after y is filled; `return` ends the evaluation */
#  define EVALUATE
#endif
#ifndef INSTEAD       /* statements before it */
#  define INSTEAD
#endif
#ifndef CREATE
#  define CREATE
#endif
#ifndef DESTROY
#  define DESTROY
#endif
#ifndef DESCRIBE
#  define DESCRIBE
#endif
#ifndef ENTRY         /* statements of dmo_plugin_v1 */
#  define ENTRY
#endif
#ifndef SYMBOL
#  define SYMBOL dmo_plugin_v1
#endif
#ifndef A             /* more initialisers of the parameter a, the output s, the problem, ... */
#  define A .min = -1, .max = 1
#endif
#ifndef A_ID
#  define A_ID "a"
#endif
#ifndef F
#  define F .role = DMO_MINIMIZE
#endif
#ifndef F_UNIT
#  define F_UNIT "1"
#endif
#ifndef G
#  define G .role = DMO_AT_MOST, .bound = 100
#endif
#ifndef FLAGS
#  define FLAGS 0
#endif
#ifndef THREADS
#  define THREADS DMO_THREADS_FREE
#endif
#ifndef SPEC_SIZE
#  define SPEC_SIZE sizeof(dmo_spec)
#endif
#ifndef PLUGIN
#  define PLUGIN .vendor = "dmo", .license = "Apache-2.0", .url = "https://example.org"
#endif
#ifndef PROBLEM
#  define PROBLEM .id = "hostile"
#endif
#ifndef OPTION
#  define OPTION .kind = DMO_OPT_REAL, .key = "factor", .default_text = "1", .min = 0.5, .max = 2
#endif
#ifndef SLOPE         /* the factor of a derivative that is right at 1 */
#  define SLOPE 1
#endif
#ifndef EXTENSION     /* statements that may answer more ids */
#  define EXTENSION
#endif

HELPERS

static const dmo_param params[3] = {
  {.id = A_ID, .unit = "um", A},
  {.id = "b", .unit = "V", .min = 1, .max = 10, .scale = DMO_LOG},
  {.id = "n", .kind = DMO_INTEGER, .min = 1, .max = 4},
};
static const dmo_output outputs[3] = {
  {.id = "s", .unit = "V", .role = DMO_OBSERVE}, {.id = "f", .unit = F_UNIT, F}, {.id = "g", .unit = "dB", G}};
static const dmo_option options[] = {{OPTION}};

static void fill(const double *x, double *y) {
  y[0] = x[0] + x[1] * x[2];
  y[1] = y[0] * y[0];
  y[2] = y[0] - 2;
}
static dmo_status evaluate(dmo_instance instance, const dmo_call *call, dmo_result *out) {
  state *self = instance;
  double *x = (double *)call->x, *y = out->y;
  (void)self, (void)x, (void)y;
  INSTEAD;
  fill(x, y);
  EVALUATE;
  return DMO_OK;
}
static dmo_status vjp(dmo_instance self, const dmo_call *call, const double *ybar, double *xbar, dmo_result *out) {
  dmo_status status = evaluate(self, call, out);
  double sbar = ybar[0] + 2 * out->y[0] * ybar[1] + ybar[2];
  xbar[0] = SLOPE * sbar;
  xbar[1] = sbar * call->x[2];
  xbar[2] = 0;
#ifdef VJP
  VJP;
#endif
  return status;
}
#ifndef JVP
#  define JVP
#endif
static dmo_status jvp(dmo_instance self, const dmo_call *call, const double *xdot, double *ydot, dmo_result *out) {
  dmo_status status = evaluate(self, call, out);
  ydot[0] = SLOPE * xdot[0] + call->x[2] * xdot[1];
  ydot[1] = 2 * out->y[0] * ydot[0];
  ydot[2] = ydot[0];
  JVP;
  return status;
}
#ifndef BATCH
#  define BATCH
#endif
static dmo_status batch(dmo_instance self, const dmo_call *const *calls, dmo_result *const *results,
                        dmo_status *statuses, size_t n) {
  for (size_t k = 0; k < n; k++) statuses[k] = evaluate(self, calls[k], results[k]);
  BATCH;
  return DMO_OK;
}
#ifndef COMPOSE
#  define COMPOSE
#endif
static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t nx, double *y, size_t ny) {
  (void)self, (void)x, (void)nx;
  for (size_t k = 0; k < n; k++, y += ny) {
    y[1] = y[0] * y[0];
    y[2] = y[0] - 2;
    COMPOSE;
  }
  return DMO_OK;
}
#ifndef COMPOSE_VJP
#  define COMPOSE_VJP
#endif
static dmo_status compose_vjp(dmo_instance self, size_t n, const double *x, size_t nx, const double *y, size_t ny,
                              const double *ybar, double *zbar, double *xbar) {
  (void)self, (void)x, (void)nx, (void)xbar;
  for (size_t k = 0; k < n; k++, y += ny, ybar += ny, zbar += ny) {
    zbar[0] += 2 * y[0] * ybar[1] + ybar[2];
    COMPOSE_VJP;
  }
  return DMO_OK;
}
#ifndef GOLDEN
#  define GOLDEN 6.25
#endif
static const double golden_x[] = {0.5, 1, 2}, golden_y[] = {2.5, GOLDEN, 0.5};
#ifndef BASELINE
#  define BASELINE 1
#endif
static const double baseline_x[] = {0, BASELINE, 1};
static const dmo_reference_point golden = {.struct_size = sizeof golden, .x = golden_x, .y = golden_y, .rtol = 1e-12},
  baseline = {.struct_size = sizeof baseline, .kind = DMO_REF_BASELINE, .x = baseline_x};
static const dmo_reference_point *const list[] = {&golden, &baseline};
static size_t points(dmo_instance self, const dmo_reference_point *const **answer) {
  (void)self;
  *answer = list;
  return 2;
}
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  (void)host, (void)texts, (void)error;
  state *self = calloc(1, sizeof *self);
  if (!self) return DMO_FAILED;
  memcpy(self->params, params, sizeof params);
  self->spec = (dmo_spec){.struct_size = SPEC_SIZE, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
                          .param_count = 3, .params = self->params, .output_count = 3, .outputs = outputs};
  CREATE;
  *instance = self;
  return DMO_OK;
}
static const dmo_spec *describe(dmo_instance instance) {
  state *self = instance;
  DESCRIBE;
  return &self->spec;
}
static void destroy(dmo_instance self) {
  DESTROY;
  free(self);
}
static const dmo_gradient gradient = {.struct_size = sizeof gradient, .vjp = vjp, .jvp = jvp};
static const dmo_batch batches = {.struct_size = sizeof batches, .evaluate = batch};
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose,
                                        .compose_vjp = compose_vjp};
#ifndef HALF
#  define HALF 0.5
#endif
static const dmo_fidelity_level levels[] = {{"full", "as it is", 1}, {"half", "coarser", HALF}};
static const dmo_fidelity fidelity = {.struct_size = sizeof fidelity, .level_size = sizeof levels[0], .level_count = 2,
                                      .levels = levels};
static const dmo_reference reference = {.struct_size = sizeof reference, .points = points};
static const void *extension(const char *id) {
  EXTENSION;
  if (!strcmp(id, DMO_EXT_GRADIENT)) return &gradient;
  if (!strcmp(id, DMO_EXT_BATCH)) return &batches;
  if (!strcmp(id, DMO_EXT_COMPOSITE)) return &composite;
  if (!strcmp(id, DMO_EXT_FIDELITY)) return &fidelity;
  if (!strcmp(id, DMO_EXT_REFERENCE)) return &reference;
  return NULL;
}
static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = THREADS, .flags = FLAGS, .option_size = sizeof options[0],
  .option_count = 1, .options = options, .evaluate = evaluate, .create = create, .describe = describe,
  .destroy = destroy, .extension = extension, PROBLEM};
#ifndef PROBLEMS
#  define PROBLEMS 1
#endif
static const dmo_problem *const problems[] = {&problem, &problem};
static const dmo_plugin plugin = {.struct_size = sizeof plugin, .id = "org.example.hostile", .name = "Hostile",
                                  .version = "1.0.0", .problem_count = PROBLEMS, .problems = problems, PLUGIN};
DMO_EXPORT const dmo_plugin *SYMBOL(const dmo_host *host) {
  (void)host;
  ENTRY;
  return &plugin;
}
