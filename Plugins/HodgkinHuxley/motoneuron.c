#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "motoneuron.h"
#include "steps.h"

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
  size_t samples = (size_t)lround(mn_step_time / m->dt);
  double *v = calloc(mn_most_steps(m) * HH_LANES + 2 * samples, sizeof *v);
  if (!v) return hh_say(*error, "out of memory for the traces"), DMO_FAILED;
  double y[MN_Y], *scratch = v + mn_most_steps(m) * HH_LANES;
  mn_block block;
  mn_state rest;
  dmo_status status = mn_run_steps(m, call->x, v, y, &block, &rest, *error);
  static const char *const ids[] = {"v_5", "v_10", "v_15", "v_20", "v_25", "v_30", "v_35"};
  static const char *const titles[] = {"5 uA/cm2", "10 uA/cm2", "15 uA/cm2", "20 uA/cm2", "25 uA/cm2", "30 uA/cm2",
                                       "35 uA/cm2"};
  /* Lane 0 has the hyperpolarising step. */
  const hh_steps steps = {.ids = ids, .titles = titles, .count = MN_RATES, .samples = samples, .stride = HH_LANES,
                          .first = 1, .v = v, .rate = y + MN_RATE, .dt = m->dt, .current = mn_step,
                          .current_unit = "uA/cm2"};
  if (status == DMO_OK) hh_draw_steps(&steps, scratch, emit, sink);
  free(v);
  return status;
}
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};

static const void *extension(const char *id) {
  static const hh_offer offers[] = {
    {DMO_EXT_COMPOSITE, &composite}, {DMO_EXT_REFERENCE, &reference}, {DMO_EXT_ARTIFACT, &artifacts}, {NULL, NULL}};
  return hh_offered(offers, id);
}

const dmo_problem motoneuron_problem = {
  .struct_size = sizeof motoneuron_problem, .threads = DMO_THREADS_FREE, .flags = DMO_HIDDEN_CONSTRAINTS,
  .option_size = sizeof options[0], .option_count = sizeof options / sizeof options[0], .id = "motoneuron",
  .name = "A motoneuron with plateau potentials",
  .summary = "Fits eleven parameters of the Booth-Rinzel-Kiehn cell to the published one's behaviour; hard constraints",
  .options = options, .spec = &mn_spec, .evaluate = evaluate, .create = create, .destroy = free,
  .extension = extension,
};
