#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cell.h"
#include "steps.h"

static const dmo_param parameters[CELL_PARAMETERS] = {
  {.id = "g_na", .name = "sodium conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 0.03, .max = 0.4},
  {.id = "g_k", .name = "potassium conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 0.008, .max = 0.12},
  {.id = "g_l", .name = "leak conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 5e-5, .max = 2e-3},
  {.id = "e_l", .name = "leak reversal", .unit = "mV", .min = -75, .max = -40},
  {.id = "c_m", .name = "capacitance", .unit = "uF/cm2", .min = 0.5, .max = 2},
  {.id = "celsius", .name = "temperature of the gates", .unit = "degC", .min = 0, .max = 20},
};

static const dmo_output outputs[CELL_OUTPUTS] = {
  {.id = "v_rest", .name = "resting potential", .unit = "mV", .role = DMO_OBSERVE},
  {.id = "r_in", .name = "input resistance", .unit = "MOhm", .role = DMO_OBSERVE},
  {.id = "rheobase", .name = "weakest step that fires", .unit = "nA", .role = DMO_OBSERVE},
  {.id = "fi_slope", .name = "slope of rate over current", .unit = "Hz/nA", .role = DMO_OBSERVE},
  {.id = "peak", .name = "peak of the first spike", .unit = "mV", .role = DMO_OBSERVE},
  {.id = "height", .name = "first spike above rest", .unit = "mV", .role = DMO_OBSERVE},
  {.id = "width", .name = "first spike's width at half height", .unit = "ms", .role = DMO_OBSERVE},
  {.id = "adaptation", .name = "last interval over first, minus one", .unit = "1", .role = DMO_OBSERVE},
  {.id = "rate", .name = "firing rate at 0.05, 0.1, ... 0.4 nA", .unit = "Hz", .role = DMO_OBSERVE,
   .count = CELL_LEVELS},
  {.id = "error_passive", .name = "rest and resistance off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_excitability", .name = "rheobase and slope off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_shape", .name = "height and width off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_adaptation", .name = "adaptation off target, tolerances", .unit = "1", .scale = 1},
  {.id = "rest_shift", .name = "rest off target", .unit = "mV", .role = DMO_AT_MOST, .bound = 8, .scale = 5},
  {.id = "overshoot", .name = "peak of the first spike", .unit = "mV", .role = DMO_AT_LEAST, .bound = 20, .scale = 10},
  {.id = "spike_width", .name = "width at half height", .unit = "ms", .role = DMO_AT_MOST, .bound = 3, .scale = 1},
  {.id = "slowing", .name = "adaptation", .unit = "1", .role = DMO_AT_MOST, .bound = 0.05, .scale = 0.05},
  {.id = "fastest", .name = "highest rate", .unit = "Hz", .role = DMO_AT_MOST, .bound = 150, .scale = 50},
};

static const dmo_spec cell_spec = {
  .struct_size = sizeof cell_spec, .param_size = sizeof parameters[0], .output_size = sizeof outputs[0],
  .param_count = CELL_PARAMETERS, .output_count = CELL_OUTPUTS, .params = parameters, .outputs = outputs,
};

static const dmo_option options[] = {
  {.kind = DMO_OPT_CHOICE, .key = "integrator", .help = "multistep: third order; staggered-euler: as NEURON's default",
   .default_text = "multistep", .choices = hh_integrator_names},
  {.kind = DMO_OPT_REAL, .key = "dt", .help = "time step", .unit = "ms", .default_text = "0.025", .min = 1e-3,
   .max = 0.05},
};

static const double squid[CELL_PARAMETERS] = {hh_g_na, hh_g_k, hh_g_l, hh_e_l, hh_c_m, hh_celsius};
static const double baseline[CELL_PARAMETERS] = {0.1, 0.03, 4e-4, -56, 1.1, 8};
static const double silent[CELL_PARAMETERS] = {0.03, 0.12, 2e-3, -75, 2, 20};

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  const cell *c = self;
  if (call->x_count != CELL_PARAMETERS || result->y_count != CELL_Y) return DMO_BAD_INPUT;
  cell_traces traces = {.steps = cell_step_count(c)};
  traces.v = malloc(traces.steps * CELL_LEVELS * sizeof *traces.v);
  if (!traces.v) return hh_say(result->message, "out of memory for the traces"), DMO_FAILED;
  dmo_status status = cell_measure(c, call, call->x, result->y, traces, result->message);
  if (status == DMO_OK) cell_judge(c, result->y);
  free(traces.v);
  return status;
}

/* The targets are the squid axon's own features, so the optimum is exact; its rates are compared with NEURON's in the
 * tests. */
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  (void)host;
  cell *c = calloc(1, sizeof *c);
  if (!c) return DMO_FAILED;
  c->integrator = hh_integrator_named(texts[0]), c->dt = strtod(texts[1], NULL), c->kernels = hh_kernels_here();
  if (!hh_multiple(10, c->dt)) {
    hh_say(*error, "10 ms is not a multiple of dt %g ms; choose one that divides it, like 0.025", c->dt);
    free(c);
    return DMO_BAD_INPUT;
  }
  const dmo_call call = {.struct_size = sizeof call, .x = squid, .x_count = CELL_PARAMETERS};
  dmo_result result = {.struct_size = sizeof result, .y = c->optimum_y, .y_count = CELL_Y, .message = *error};
  dmo_status status = evaluate(c, &call, &result);
  if (status != DMO_OK) {
    free(c);
    return status;
  }
  memcpy(c->target, c->optimum_y, sizeof c->target);
  cell_judge(c, c->optimum_y);
  for (int i = 0; i < CELL_Y; i++) c->golden_y[i] = NAN;
  c->golden_y[CELL_RATE + 1] = 62.4127; /* at 0.1 nA: seven late intervals of NEURON's CVODE, absolute tolerance 1e-9 */
  static const int kinds[CELL_POINTS] = {DMO_REF_OPTIMUM, DMO_REF_GOLDEN, DMO_REF_BASELINE, DMO_REF_INFEASIBLE};
  static const char *const notes[] = {"the squid axon, whose features are the targets",
                                      "the squid axon's rate at 0.1 nA by CVODE", "an ordinary feasible cell",
                                      "too little sodium conductance to fire"};
  static const double *const xs[] = {squid, squid, baseline, silent};
  const double *const ys[] = {c->optimum_y, c->integrator == HH_MULTISTEP ? c->golden_y : NULL, NULL, NULL};
  for (int i = 0; i < CELL_POINTS; i++) {
    c->points[i] = (dmo_reference_point){.struct_size = sizeof c->points[i], .kind = (uint32_t)kinds[i],
                                         .note = notes[i],
                                         .x = xs[i], .y = ys[i], .rtol = i == 1 ? 2e-3 : 1e-6, .atol = 1e-9};
    c->point_list[i] = &c->points[i];
  }
  *out = c;
  return DMO_OK;
}

static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  (void)x, (void)x_count;
  for (size_t i = 0; i < n; i++) cell_judge(self, y + i * y_count);
  return DMO_OK;
}
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose};

static size_t reference_points(dmo_instance self, const dmo_reference_point *const **points) {
  *points = ((cell *)self)->point_list;
  return CELL_POINTS;
}
static const dmo_reference reference = {.struct_size = sizeof reference, .points = reference_points};

static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  const cell *c = self;
  cell_traces traces = {.steps = cell_step_count(c)};
  traces.v = calloc(traces.steps * (CELL_LEVELS + 2), sizeof *traces.v);
  if (!traces.v) return hh_say(*error, "out of memory for the traces"), DMO_FAILED;
  double y[CELL_Y], *scratch = traces.v + traces.steps * CELL_LEVELS;
  dmo_status status = cell_measure(c, call, call->x, y, traces, *error);
  static const char *const ids[] = {"v_50pA", "v_100pA", "v_150pA", "v_200pA", "v_250pA", "v_300pA", "v_350pA",
                                    "v_400pA"};
  static const char *const titles[] = {"50 pA", "100 pA", "150 pA", "200 pA", "250 pA", "300 pA", "350 pA", "400 pA"};
  const hh_steps steps = {.ids = ids, .titles = titles, .count = CELL_LEVELS, .samples = traces.steps,
                          .stride = CELL_LEVELS, .v = traces.v, .rate = y + CELL_RATE, .dt = c->dt,
                          .current = cell_level, .current_unit = "nA"};
  if (status == DMO_OK) hh_draw_steps(&steps, scratch, emit, sink);
  free(traces.v);
  return status;
}
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};

static const void *extension(const char *id) {
  static const hh_offer offers[] = {
    {DMO_EXT_COMPOSITE, &composite}, {DMO_EXT_REFERENCE, &reference}, {DMO_EXT_ARTIFACT, &artifacts}, {NULL, NULL}};
  return hh_offered(offers, id);
}

const dmo_problem cell_problem = {
  .struct_size = sizeof cell_problem, .threads = DMO_THREADS_FREE, .flags = DMO_HIDDEN_CONSTRAINTS,
  .option_size = sizeof options[0], .option_count = sizeof options / sizeof options[0], .id = "hh-cell",
  .name = "A squid cell from its electrophysiology",
  .summary = "Fits conductances, leak, capacitance and temperature to rest, rheobase, f-I curve and spike shape",
  .options = options, .spec = &cell_spec, .evaluate = evaluate, .create = create, .destroy = free,
  .extension = extension,
};
