#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "trace.h"

/* Objective and status of a simulated row. */
static dmo_status finish(const trace *t, double *y, dmo_result *result) {
  y[TRACE_RMSE] = trace_rmse(t, y + TRACE_V);
  if (isfinite(y[TRACE_RMSE])) return DMO_OK;
  hh_say(result->message, "v did not stay finite; choose a dt below %g ms", t->dt);
  return DMO_INFEASIBLE;
}

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  const trace *t = self;
  if (call->x_count != TRACE_PARAMETERS || result->y_count != t->y_count) return DMO_BAD_INPUT;
  if (trace_simulate(t, call, call->x, result->y, 1) < t->steps) return DMO_CANCELLED;
  return finish(t, result->y, result);
}

static dmo_status evaluate_batch(dmo_instance self, const dmo_call *const *calls, dmo_result *const *results,
                                 dmo_status *statuses, size_t n) {
  const trace *t = self;
  for (size_t first = 0; first < n; first += HH_LANES) {
    size_t count = n - first < HH_LANES ? n - first : HH_LANES;
    if (trace_simulate(t, calls[first], calls[first]->x, results[first]->y, count) < t->steps) return DMO_OK;
    for (size_t i = first; i < first + count; i++) statuses[i] = finish(t, results[i]->y, results[i]);
  }
  return DMO_OK;
}
static const dmo_batch batch = {.struct_size = sizeof batch, .preferred_size = HH_LANES, .evaluate = evaluate_batch};

static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  (void)x, (void)x_count;
  for (size_t i = 0; i < n; i++) y[i * y_count + TRACE_RMSE] = trace_rmse(self, y + i * y_count + TRACE_V);
  return DMO_OK;
}

static dmo_status compose_vjp(dmo_instance self, size_t n, const double *x, size_t x_count, const double *y,
                              size_t y_count, const double *ybar, double *zbar, double *xbar) {
  (void)x, (void)x_count, (void)xbar;
  const trace *t = self;
  for (size_t i = 0; i < n; i++, y += y_count, ybar += y_count, zbar += y_count) {
    double rmse = trace_rmse(t, y + TRACE_V);
    if (!(rmse > 0)) continue; /* at the optimum 0 is the subgradient of least norm */
    double factor = ybar[TRACE_RMSE] / (rmse * (double)t->records);
    for (size_t j = 0; j < t->records; j++) zbar[TRACE_V + j] += factor * (y[TRACE_V + j] - t->target[j]);
  }
  return DMO_OK;
}
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose,
                                        .compose_vjp = compose_vjp};

static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  const trace *t = self;
  double *y = malloc((t->y_count + 2 * t->records) * sizeof *y), *time = y + t->y_count;
  if (!y) {
    hh_say(*error, "out of memory for %zu values of v; choose a larger record_dt", t->records);
    return DMO_FAILED;
  }
  dmo_status status = trace_simulate(t, call, call->x, y, 1) < t->steps ? DMO_CANCELLED : DMO_OK;
  for (size_t i = 0; i < t->records; i++) time[i] = (double)(i * t->record_every) * t->dt;
  if (status == DMO_OK) {
    dmo_artifact a = {.struct_size = sizeof a, .kind = DMO_ARTIFACT_SERIES, .id = "v", .title = "Membrane potential",
                      .x_label = "time", .x_unit = "ms", .y_label = "v", .y_unit = "mV", .panel = "trace", .rows = 1,
                      .columns = (uint32_t)t->records, .x = time, .y = y + TRACE_V};
    emit(sink, &a);
    a.id = "target", a.title = "Target trace", a.y = t->target;
    emit(sink, &a);
    size_t spikes = y[TRACE_COUNT] < (double)t->spikes ? (size_t)y[TRACE_COUNT] : t->spikes;
    memset(time, 0, spikes * sizeof *time); /* the markers stand on the threshold, 0 mV */
    a.id = "spikes", a.title = "Spikes", a.kind = DMO_ARTIFACT_POINTS, a.columns = (uint32_t)spikes;
    a.x = y + TRACE_V + t->records, a.y = time;
    if (spikes) emit(sink, &a);
  }
  free(y);
  return status;
}
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};

static const void *extension(const char *id) {
  static const hh_offer offers[] = {{DMO_EXT_BATCH, &batch}, {DMO_EXT_COMPOSITE, &composite},
                                    {DMO_EXT_REFERENCE, &trace_reference}, {DMO_EXT_ARTIFACT, &artifacts},
                                    {NULL, NULL}};
  return hh_offered(offers, id);
}

const dmo_problem trace_problem = {
  .struct_size = sizeof trace_problem, .threads = DMO_THREADS_FREE, .flags = DMO_HIDDEN_CONSTRAINTS,
  .option_size = sizeof(dmo_option), .option_count = TRACE_OPTIONS, .id = "hh-trace",
  .name = "Conductances of a squid cell from its voltage trace",
  .summary = "Finds three conductances and a current of a Hodgkin-Huxley cell whose trace is given; optimum 0",
  .options = trace_options, .evaluate = evaluate, .create = trace_create, .describe = trace_describe,
  .destroy = trace_destroy, .extension = extension,
};
