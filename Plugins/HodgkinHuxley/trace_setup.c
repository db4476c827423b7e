#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

const double trace_hidden[TRACE_PARAMETERS] = {0.105, 0.033, 4.2e-4, 0.18};

static const dmo_param parameters[TRACE_PARAMETERS] = {
  {.id = "g_na", .name = "sodium conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 0.01, .max = 0.3},
  {.id = "g_k", .name = "potassium conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 0.005, .max = 0.1},
  {.id = "g_l", .name = "leak conductance", .unit = "S/cm2", .scale = DMO_LOG, .min = 5e-5, .max = 2e-3},
  {.id = "amp", .name = "clamp current", .unit = "nA", .min = 0, .max = 1},
};

const dmo_option trace_options[TRACE_OPTIONS] = {
  {.kind = DMO_OPT_CHOICE, .key = "integrator", .help = "multistep: third order; staggered-euler: as NEURON's default",
   .default_text = "multistep", .choices = hh_integrator_names},
  {.kind = DMO_OPT_REAL, .key = "dt", .help = "time step", .unit = "ms", .default_text = "0.025", .min = 1e-4,
   .max = 0.1},
  {.kind = DMO_OPT_REAL, .key = "duration", .help = "simulated time", .unit = "ms", .default_text = "200", .min = 1,
   .max = 100000},
  {.kind = DMO_OPT_REAL, .key = "record_dt", .help = "time between two values of v; dt when unset", .unit = "ms",
   .min = 1e-4, .max = 1000},
  {.kind = DMO_OPT_REAL, .key = "celsius", .help = "temperature of the gates", .unit = "degC", .default_text = "6.3",
   .min = 0, .max = 35},
};

static void describe_outputs(trace *t) {
  t->spec = (dmo_spec){.struct_size = sizeof t->spec, .param_size = sizeof parameters[0],
                       .output_size = sizeof t->outputs[0], .param_count = TRACE_PARAMETERS,
                       .output_count = TRACE_OUTPUTS, .params = parameters, .outputs = t->outputs};
  t->outputs[0] = (dmo_output){.id = "rmse", .name = "distance from the target trace", .unit = "mV", .scale = 10};
  t->outputs[1] = (dmo_output){.id = "spike_count", .name = "number of spikes", .unit = "1", .role = DMO_OBSERVE};
  t->outputs[2] = (dmo_output){.id = "last_spike", .name = "time of the last spike", .unit = "ms", .role = DMO_OBSERVE,
                               .flags = DMO_MAY_BE_NAN};
  t->outputs[3] = (dmo_output){.id = "v", .name = "membrane potential", .unit = "mV", .role = DMO_OBSERVE,
                               .count = (uint32_t)t->records};
  t->outputs[4] = (dmo_output){.id = "spike", .name = "spike times, the first ones", .unit = "ms", .role = DMO_OBSERVE,
                               .count = (uint32_t)t->spikes, .flags = DMO_MAY_BE_NAN};
}

static double *nans(size_t count) {
  double *y = malloc(count * sizeof *y);
  for (size_t i = 0; y && i < count; i++) y[i] = NAN;
  return y;
}

/* The optimum, and the squid axon as NEURON's variable-step solver (CVODE, atol 1e-9) has it, where the options ask for
 * that very experiment. */
static int describe_references(trace *t) {
  static const double squid[TRACE_PARAMETERS] = {hh_g_na, hh_g_k, hh_g_l, 0.1};
  for (int i = 0; i < 2; i++) {
    if (!(t->reference_y[i] = nans(t->y_count))) return 0;
    t->point_list[i] = &t->points[i];
  }
  t->reference_y[0][TRACE_RMSE] = 0;
  t->points[0] = (dmo_reference_point){.struct_size = sizeof t->points[0], .kind = DMO_REF_OPTIMUM, .x = trace_hidden,
                                       .y = t->reference_y[0], .note = "the values behind the target trace"};
  int same = t->celsius == hh_celsius && t->dt <= 0.025 && (double)t->steps * t->dt == 200;
  if (same && t->integrator == HH_MULTISTEP) {
    t->reference_y[1][TRACE_COUNT] = 13;
    t->reference_y[1][TRACE_LAST] = 199.67158697539;
  }
  t->points[1] = (dmo_reference_point){.struct_size = sizeof t->points[1], .kind = DMO_REF_GOLDEN, .x = squid,
                                       .y = t->reference_y[1], .atol = 0.05,
                                       .note = "the squid axon at 0.1 nA; spikes by CVODE, absolute tolerance 1e-9"};
  return 1;
}

void trace_destroy(dmo_instance self) {
  trace *t = self;
  if (!t) return;
  free(t->target), free(t->reference_y[0]), free(t->reference_y[1]), free(t);
}

dmo_status trace_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  (void)host;
  double dt = strtod(texts[1], NULL), duration = strtod(texts[2], NULL), record_dt = texts[3] ? strtod(texts[3],
                                                                                                       NULL) : dt;
  size_t every = hh_multiple(record_dt, dt), records = hh_multiple(duration, record_dt);
  if (!every) {
    hh_say(*error, "record_dt %g ms is not a multiple of dt %g ms; choose one that is", record_dt, dt);
    return DMO_BAD_INPUT;
  }
  if (!records || records > 10000000) {
    hh_say(*error, "duration %g ms must be a multiple of record_dt %g ms, at most 10 million of them", duration,
           record_dt);
    return DMO_BAD_INPUT;
  }
  trace *t = calloc(1, sizeof *t);
  if (!t) return DMO_FAILED;
  t->integrator = hh_integrator_named(texts[0]);
  t->dt = dt, t->celsius = strtod(texts[4], NULL);
  t->record_every = every, t->records = records + 1, t->steps = records * every;
  t->spikes = (size_t)ceil(duration / 2);
  t->y_count = TRACE_V + t->records + t->spikes;
  t->kernels = hh_kernels_here();
  describe_outputs(t);
  double *y = nans(t->y_count);
  t->target = malloc(t->records * sizeof *t->target);
  int ok = y && t->target && describe_references(t);
  if (ok) {
    static const dmo_call never_cancelled = {.struct_size = sizeof never_cancelled};
    trace_simulate(t, &never_cancelled, trace_hidden, y, 1);
    memcpy(t->target, y + TRACE_V, t->records * sizeof *t->target);
  } else {
    hh_say(*error, "out of memory for %zu values of v; choose a larger record_dt", t->records);
    trace_destroy(t);
  }
  free(y);
  if (ok) *out = t;
  return ok ? DMO_OK : DMO_FAILED;
}

const dmo_spec *trace_describe(dmo_instance self) { return &((trace *)self)->spec; }

static size_t reference_points(dmo_instance self, const dmo_reference_point *const **points) {
  *points = ((trace *)self)->point_list;
  return 2;
}
const dmo_reference trace_reference = {.struct_size = sizeof trace_reference, .points = reference_points};
