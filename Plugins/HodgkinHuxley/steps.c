#include "steps.h"

void hh_draw_steps(const hh_steps *s, double *scratch, void (*emit)(void *, const dmo_artifact *), void *sink) {
  double *time = scratch, *trace = scratch + s->samples, *current = scratch;
  for (size_t i = 0; i < s->samples; i++) time[i] = (double)(i + 1) * s->dt;
  for (size_t k = 0; k < s->count; k++) {
    for (size_t i = 0; i < s->samples; i++) trace[i] = s->v[i * s->stride + s->first + k];
    dmo_artifact a = {.struct_size = sizeof a, .kind = DMO_ARTIFACT_SERIES, .id = s->ids[k], .title = s->titles[k],
                      .x_label = "time", .x_unit = "ms", .y_label = "v", .y_unit = "mV", .panel = "steps", .rows = 1,
                      .columns = (uint32_t)s->samples, .x = time, .y = trace};
    emit(sink, &a);
  }
  for (size_t k = 0; k < s->count; k++) current[k] = s->current * (double)(k + 1); /* the times are no longer needed */
  dmo_artifact a = {.struct_size = sizeof a, .kind = DMO_ARTIFACT_POINTS, .id = "rate", .title = "Firing rate",
                    .x_label = "current", .x_unit = s->current_unit, .y_label = "rate", .y_unit = "Hz", .rows = 1,
                    .columns = (uint32_t)s->count, .x = current, .y = s->rate};
  emit(sink, &a);
}
