#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "motoneuron.h"

static const double silent[MN_PARAMETERS] = {12, 1000, 1.4, 50, 0.003, 0.033, 11, 5.1, 1, 4, 0.1};

static const dmo_option options[] = {
  {.kind = DMO_OPT_REAL, .key = "dt", .help = "time step", .unit = "ms", .default_text = "0.025", .min = 1e-3,
   .max = 0.1},
};

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  const motoneuron *m = self;
  if (call->x_count != MN_PARAMETERS || result->y_count != MN_Y) return DMO_BAD_INPUT;
  double *v = malloc(mn_most_steps(m) * HH_LANES * sizeof *v);
  if (!v) return hh_say(result->message, "out of memory for the traces"), DMO_FAILED;
  dmo_status status = mn_measure(m, call, call->x, v, result->y, result->message);
  if (status == DMO_OK) mn_judge(m, result->y);
  free(v);
  return status;
}

/* The targets are the published cell's own behaviour. */
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  (void)host;
  motoneuron *m = calloc(1, sizeof *m);
  if (!m) return DMO_FAILED;
  m->dt = strtod(texts[0], NULL), m->kernels = hh_kernels_here();
  if (!hh_multiple(100, m->dt)) {
    hh_say(*error, "100 ms is not a multiple of dt %g ms; choose one that divides it, like 0.025", m->dt);
    free(m);
    return DMO_BAD_INPUT;
  }
  const dmo_call call = {.struct_size = sizeof call, .x = mn_published, .x_count = MN_PARAMETERS};
  dmo_result result = {.struct_size = sizeof result, .y = m->published_y, .y_count = MN_Y, .message = *error};
  dmo_status status = evaluate(m, &call, &result);
  if (status != DMO_OK) {
    free(m);
    return status;
  }
  memcpy(m->target, m->published_y, sizeof m->target);
  mn_judge(m, m->published_y);
  m->points[0] = (dmo_reference_point){.struct_size = sizeof m->points[0], .kind = DMO_REF_BASELINE, .x = mn_published,
                                       .y = m->published_y, .rtol = 1e-6, .atol = 1e-9,
                                       .note = "the published cell under 5-HT; all bounds hold"};
  m->points[1] = (dmo_reference_point){.struct_size = sizeof m->points[1], .kind = DMO_REF_INFEASIBLE, .x = silent,
                                       .note = "too much leak and too little sodium to fire"};
  for (int i = 0; i < 2; i++) m->point_list[i] = &m->points[i];
  *out = m;
  return DMO_OK;
}

static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  (void)x, (void)x_count;
  for (size_t i = 0; i < n; i++) mn_judge(self, y + i * y_count);
  return DMO_OK;
}
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose};

static size_t reference_points(dmo_instance self, const dmo_reference_point *const **points) {
  *points = ((motoneuron *)self)->point_list;
  return 2;
}
static const dmo_reference reference = {.struct_size = sizeof reference, .points = reference_points};

static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  (void)call;
  const motoneuron *m = self;
  size_t steps = (size_t)lround(mn_step_time / m->dt);
  double *v = calloc(mn_most_steps(m) * HH_LANES + 2 * steps, sizeof *v);
  if (!v) return hh_say(*error, "out of memory for the traces"), DMO_FAILED;
  double y[MN_Y], current[MN_RATES], *time = v + mn_most_steps(m) * HH_LANES, *trace = time + steps;
  mn_block block;
  mn_state rest;
  dmo_status status = mn_run_steps(m, call->x, v, y, &block, &rest, *error);
  static const char *const ids[] = {"v_5", "v_10", "v_15", "v_20", "v_25", "v_30", "v_35"};
  static const char *const titles[] = {"5 uA/cm2", "10 uA/cm2", "15 uA/cm2", "20 uA/cm2", "25 uA/cm2", "30 uA/cm2",
                                       "35 uA/cm2"};
  for (size_t lane = 0; status == DMO_OK && lane < MN_RATES; lane++) {
    for (size_t i = 0; i < steps; i++) time[i] = (double)(i + 1) * m->dt, trace[i] = v[i * HH_LANES + lane + 1];
    current[lane] = mn_step * (double)(lane + 1);
    dmo_artifact a = {.struct_size = sizeof a, .kind = DMO_ARTIFACT_SERIES, .id = ids[lane], .title = titles[lane],
                      .x_label = "time", .x_unit = "ms", .y_label = "v", .y_unit = "mV", .panel = "steps", .rows = 1,
                      .columns = (uint32_t)steps, .x = time, .y = trace};
    emit(sink, &a);
  }
  dmo_artifact a = {.struct_size = sizeof a, .kind = DMO_ARTIFACT_POINTS, .id = "rate", .title = "Firing rate",
                    .x_label = "current", .x_unit = "uA/cm2", .y_label = "rate", .y_unit = "Hz", .rows = 1,
                    .columns = MN_RATES, .x = current, .y = y + MN_RATE};
  if (status == DMO_OK) emit(sink, &a);
  free(v);
  return status;
}
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};

static const void *extension(const char *id) {
  if (strcmp(id, DMO_EXT_COMPOSITE) == 0) return &composite;
  if (strcmp(id, DMO_EXT_REFERENCE) == 0) return &reference;
  if (strcmp(id, DMO_EXT_ARTIFACT) == 0) return &artifacts;
  return NULL;
}

const dmo_problem motoneuron_problem = {
  .struct_size = sizeof motoneuron_problem, .threads = DMO_THREADS_FREE, .flags = DMO_HIDDEN_CONSTRAINTS,
  .option_size = sizeof options[0], .option_count = sizeof options / sizeof options[0], .id = "motoneuron",
  .name = "A motoneuron with plateau potentials",
  .summary = "Fits eleven parameters of the Booth-Rinzel-Kiehn cell to the published one's behaviour; hard constraints",
  .options = options, .spec = &mn_spec, .evaluate = evaluate, .create = create, .destroy = free,
  .extension = extension,
};
