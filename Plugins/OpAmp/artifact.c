/* artifact.c: dmo.artifact/1, the Bode plot of the open loop. */
#include "opamp.h"
#include <stdio.h>

static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  amplifier *a = self;
  dmo_status status = amplifier_check_call(a, call, error);
  if (status != DMO_OK) return status;
  double decibels[MAX_POINTS], degrees[MAX_POINTS];
  guard_enter(a->guard);
  status = amplifier_simulate(a, call->x, error);
  if (status == DMO_OK) sweep_bode(&a->sweep, decibels, degrees);
  guard_leave(a->guard);
  if (status != DMO_OK) return status;
  char title[2][128];
  snprintf(title[0], sizeof title[0], "Open-loop gain, models %s", a->cards.name);
  snprintf(title[1], sizeof title[1], "Open-loop phase, models %s", a->cards.name);
  dmo_artifact picture = {
    .struct_size = sizeof picture, .kind = DMO_ARTIFACT_SERIES, .id = "bode-magnitude", .title = title[0],
    .x_label = "frequency", .x_unit = "Hz", .y_label = "magnitude", .y_unit = "dB", .panel = "bode", .x_log = 1,
    .rows = 1, .columns = (uint32_t)a->sweep.count, .x = a->sweep.frequency, .y = decibels,
  };
  emit(sink, &picture);
  picture.id = "bode-phase";
  picture.title = title[1];
  picture.y_label = "phase";
  picture.y_unit = "deg";
  picture.y = degrees;
  emit(sink, &picture);
  return DMO_OK;
}

const dmo_artifacts opamp_artifacts = {.struct_size = sizeof opamp_artifacts, .draw = draw};
