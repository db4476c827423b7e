/* artifact.c: the mask, and the light that arrives against the light that should. */
#include "wavefront.h"
#include <stdlib.h>
#include <string.h>

typedef struct picture { const char *id, *title; } picture;

static void show(const wf_instance *self, picture about, const double *pixels,
                 void (*emit)(void *, const dmo_artifact *), void *sink) {
  dmo_artifact image = {
    .struct_size = sizeof image, .kind = DMO_ARTIFACT_IMAGE, .id = about.id, .title = about.title,
    .x_label = "column", .x_unit = "1", .y_label = "row", .y_unit = "1",
    .rows = (uint32_t)self->setup.grid, .columns = (uint32_t)self->setup.grid, .y = pixels,
  };
  emit(sink, &image);
}

static dmo_status draw(dmo_instance instance, const dmo_call *call, void (*emit)(void *sink, const dmo_artifact *),
                       void *sink, dmo_text *error) {
  wf_instance *self = instance;
  size_t cells = self->cells, inputs = self->setup.has_amplitude ? 2 * cells : cells;
  if (call->x_count != inputs) {
    wf_say(error, "x has %zu numbers, the mask takes %zu", call->x_count, inputs);
    return DMO_BAD_INPUT;
  }
  dmo_status status = wf_simulate(self, call->x, self->observed, error);
  if (status != DMO_OK) return status;
  double *pixels = malloc(cells * sizeof *pixels);
  if (!pixels) {
    wf_say(error, "out of memory for an image of %zu pixels", cells);
    return DMO_FAILED;
  }
  memcpy(pixels, call->x, cells * sizeof *pixels);
  show(self, (picture){ "mask_phase", "Mask: phase shift (rad)" }, pixels, emit, sink);
  if (self->setup.has_amplitude) {
    memcpy(pixels, call->x + cells, cells * sizeof *pixels);
    show(self, (picture){ "mask_amplitude", "Mask: transmission (amplitude)" }, pixels, emit, sink);
  }
  for (size_t i = 0; i < cells; i++) {
    const double *re = self->observed + i;
    pixels[i] = self->setup.observe == WF_INTENSITY ? re[0] : re[0] * re[0] + re[cells] * re[cells];
  }
  show(self, (picture){ "output_intensity", "Output intensity (1/m2)" }, pixels, emit, sink);
  for (size_t i = 0; i < cells; i++) pixels[i] = self->target.share[i] / self->cell_area;
  show(self, (picture){ "target_intensity", "Target intensity (1/m2)" }, pixels, emit, sink);
  free(pixels);
  return DMO_OK;
}

const dmo_artifacts wf_artifacts = { .struct_size = sizeof(dmo_artifacts), .draw = draw };
