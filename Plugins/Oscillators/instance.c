/* Makes, describes and ends instances of `cnon`. */
#define _POSIX_C_SOURCE 200809L
#include "instance.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Angles up to here are still resolved to 1e-4 rad by a double; beyond, their sine means nothing. */
static const double LONGEST_WAY = 1e12;
/* Floating-point operations between two looks at cancelled(): a few milliseconds. */
static const double CHUNK_OPERATIONS = 5e6;

/* Bounds |q(t)| by |a| <= sum |Q_ij| + |e_i|: what keeps every output finite.  0, or -1 with the reason. */
static int check_way(const osc_system *system, double time, char *error, size_t capacity) {
  const size_t n = system->n;
  for (size_t i = 0; i < n; i++) {
    double pull = fabs(system->drive[i]);
    for (size_t j = 0; j < n; j++) pull += fabs(system->matrix[i * n + j]);
    double way = fabs(system->velocity[i]) * time + pull * time * time;
    if (way <= LONGEST_WAY && fabs(system->target[i]) <= LONGEST_WAY) continue;
    snprintf(error, capacity, "oscillator %zu could turn by %g rad until T = %g, or its target lies that far; doubles "
             "follow up to %g rad: lower T, or scale J, e, v0 and target", i, way, time, LONGEST_WAY);
    return -1;
  }
  return 0;
}

static void describe_outputs(osc_instance *self) {
  const double pi = 0x1.921fb54442d18p+1;
  uint32_t n = (uint32_t)self->n;
  self->params[0] = (dmo_param){.id = "q", .name = "initial angle", .unit = "rad", .min = -pi, .max = pi, .count = n};
  self->outputs[0] = (dmo_output){.id = "qT", .name = "final angle", .unit = "rad", .role = DMO_OBSERVE, .count = n};
  self->outputs[1] = (dmo_output){.id = "loss", .name = "deviation from the target", .unit = "rad",
                                  .role = DMO_MINIMIZE};
  self->spec = (dmo_spec){
    .struct_size = sizeof self->spec, .param_size = sizeof self->params[0], .output_size = sizeof self->outputs[0],
    .param_count = 1, .output_count = 2, .params = self->params, .outputs = self->outputs,
  };
}

/* Runs the drawn start to its q(T), which becomes the target: the loss there is 0.  DMO_OK, or why not. */
static dmo_status aim(osc_instance *self, const osc_system *system) {
  const size_t n = self->n;
  if (!(self->start = malloc((2 * n + 1) * sizeof(double)))) return DMO_FAILED;
  double *y = self->start + n;
  memcpy(self->start, system->target, n * sizeof(double));
  dmo_call call = {.struct_size = sizeof call, .x = self->start, .x_count = n};
  dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = n + 1};
  dmo_status status = osc_evaluate(self, &call, &result);
  if (status) return status;
  memcpy(self->network.target, y, n * sizeof(double));
  y[n] = 0;
  return DMO_OK;
}

static void refer(osc_instance *self, int all_default) {
  /* Rounding differs between instruction sets and programs by some 1e-15 after the few steps of the default. */
  const double tolerance = 1e-12;
  if (self->start)
    self->points[self->point_count++] = (dmo_reference_point){
      .struct_size = sizeof self->points[0], .kind = DMO_REF_OPTIMUM, .note = "the start that defines the target",
      .x = self->start, .y = self->start + self->n, .atol = tolerance,
    };
  for (int i = 0; all_default && i < OSC_GOLDEN_COUNT; i++)
    self->points[self->point_count++] = (dmo_reference_point){
      .struct_size = sizeof self->points[0], .kind = DMO_REF_GOLDEN,
      .note = "an independent program in Python: Tests/Plugins/Oscillators/reference.py",
      .x = osc_golden_x[i], .y = osc_golden_y[i], .atol = tolerance,
    };
  for (size_t i = 0; i < self->point_count; i++) self->point_list[i] = &self->points[i];
}

static dmo_status make(osc_instance *self, const osc_options *options, const osc_system *system, char *error,
                       size_t capacity) {
  const size_t n = self->n = system->n;
  self->kernels = osc_kernels_best();
  self->norm = options->norm;
  if (check_way(system, options->time, error, capacity)) return DMO_BAD_INPUT;
  snprintf(error, capacity, "out of memory for %zu oscillators", n);
  if (osc_network_make(&self->network, self->kernels, system, options->time, options->steps)) return DMO_FAILED;
  /* A group has a vector for each oscillator, which no single point exceeds. */
  osc_pool_init(&self->forward, (2 * n + OSC_WORK_VECTORS(n)) * self->network.width);
  self->segment = osc_gradient_segment(&self->network);
  osc_pool_init(&self->gradient, osc_gradient_doubles(&self->network, self->segment));
  /* Four products with n^2 multiply-adds and, about as dear as 40 operations each, four sines a step. */
  self->chunk = (size_t)(CHUNK_OPERATIONS / (8.0 * (double)n * (double)n + 160.0 * (double)n)) + 1;
  describe_outputs(self);
  dmo_status status = system->start_known ? aim(self, system) : DMO_OK;
  if (!status) refer(self, options->all_default);
  return status;
}

static dmo_status create(const char *const *texts, dmo_instance *out, char *error, size_t capacity) {
  osc_options options;
  osc_system system = {0};
  dmo_status status = osc_options_read(&options, texts, error, capacity);
  if (status) return status;
  if (options.system) {
    if (osc_system_read(&system, options.system, error, capacity)) return DMO_BAD_INPUT;
  } else if (osc_system_draw(&system, options.n, options.alpha, options.beta, options.seed, options.wright)) {
    snprintf(error, capacity, "out of memory for %zu oscillators", options.n);
    return DMO_FAILED;
  }
  osc_instance *self = calloc(1, sizeof *self);
  if (!self) snprintf(error, capacity, "out of memory");
  status = self ? make(self, &options, &system, error, capacity) : DMO_FAILED;
  osc_system_free(&system);
  if (status) osc_destroy(self);
  else *out = self;
  return status;
}

dmo_status osc_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  char reason[512] = "";
  (void)host;
  /* Numbers in options and files have a point, whatever the language of the user: in this thread, for this call. */
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  locale_t before = plain ? uselocale(plain) : (locale_t)0;
  dmo_status status = create(texts, out, reason, sizeof reason);
  if (plain) {
    uselocale(before);
    freelocale(plain);
  }
  if (status && error && error->data && error->capacity) snprintf(error->data, error->capacity, "%s", reason);
  return status;
}

void osc_destroy(dmo_instance instance) {
  osc_instance *self = instance;
  if (!self) return;
  osc_pool_free(&self->forward);
  osc_pool_free(&self->gradient);
  osc_network_free(&self->network);
  free(self->start);
  free(self);
}

const dmo_spec *osc_describe(dmo_instance instance) { return &((osc_instance *)instance)->spec; }

size_t osc_points(dmo_instance instance, const dmo_reference_point *const **points) {
  osc_instance *self = instance;
  *points = self->point_list;
  return self->point_count;
}
