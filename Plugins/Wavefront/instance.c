/* instance.c: from options to a simulator ready to run, and back. */
#include "wavefront.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* exp(-r^2 / waist^2), centred, of unit power. */
static dmo_status make_beam(wf_instance *self, const dmo_text *error) {
  const wf_setup *setup = &self->setup;
  size_t n = setup->grid;
  double middle = ((double)n - 1) / 2, waist2 = setup->waist * setup->waist;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double y = ((double)i - middle) * setup->spacing, x = ((double)j - middle) * setup->spacing;
      self->beam[i * n + j] = exp(-(x * x + y * y) / waist2);
    }
  double power = wf_normalise(self->beam, self->cells, self->cell_area);
  if (power > 0 && isfinite(power)) return DMO_OK;
  wf_say(error, "the input beam has no power on the grid: waist %g m falls between points %g m apart",
         setup->waist, setup->spacing);
  return DMO_BAD_INPUT;
}

static bool make_work_space(wf_instance *self) {
  size_t padded = self->setup.grid * self->propagator.padded;
  self->wrapped = malloc(self->cells * sizeof(double));
  self->observed = malloc(self->observed_count * sizeof(double));
  self->observed_bar = malloc(self->observed_count * sizeof(double));
  self->carrier = fftw_alloc_complex(self->cells);
  self->masked = fftw_alloc_complex(padded);
  self->back = fftw_alloc_complex(padded);
  self->out = fftw_alloc_complex(padded);
  if (!self->wrapped || !self->observed || !self->observed_bar || !self->carrier || !self->masked || !self->back
      || !self->out) return false;
  memset(self->masked, 0, padded * sizeof *self->masked);
  memset(self->back, 0, padded * sizeof *self->back);
  return true;
}

static void make_spec(wf_instance *self) {
  uint32_t cells = (uint32_t)self->cells, columns = (uint32_t)self->setup.grid, outputs = 0;
  double peak = 0;
  for (size_t i = 0; i < self->cells; i++) peak = fmax(peak, self->beam[i]);
  self->params[0] = (dmo_param){ .id = "phase", .name = "Phase shift of the mask", .unit = "rad", .min = -WF_PI,
    .max = WF_PI, .count = cells, .columns = columns, .periodic = 1 };
  self->params[1] = (dmo_param){ .id = "amplitude", .name = "Transmission of the mask (amplitude)", .unit = "1",
    .min = 0, .max = 1, .count = cells, .columns = columns };
  self->outputs[outputs++] = (dmo_output){ .id = "loss", .unit = "1", .role = DMO_MINIMIZE, .scale = 1,
    .name = self->setup.loss == WF_OVERLAP ? "1 - |overlap with the target|^2" : "Distance to the target" };
  if (self->setup.observe == WF_INTENSITY) {
    self->outputs[outputs++] = (dmo_output){ .id = "intensity", .name = "Output intensity for a beam of unit power",
      .unit = "1/m2", .role = DMO_OBSERVE, .count = cells, .columns = columns, .scale = peak * peak };
  } else {
    self->outputs[outputs++] = (dmo_output){ .id = "field_re", .name = "Output field, real part", .unit = "1/m",
      .role = DMO_OBSERVE, .count = cells, .columns = columns, .scale = peak };
    self->outputs[outputs++] = (dmo_output){ .id = "field_im", .name = "Output field, imaginary part", .unit = "1/m",
      .role = DMO_OBSERVE, .count = cells, .columns = columns, .scale = peak };
  }
  self->spec = (dmo_spec){ .struct_size = sizeof self->spec, .param_size = sizeof self->params[0],
    .output_size = sizeof self->outputs[0], .param_count = self->setup.has_amplitude ? 2 : 1,
    .output_count = outputs, .params = self->params, .outputs = self->outputs };
}

/* Each method samples something that oscillates; past this distance (dim) or before it (asm) too sparsely. */
static void warn_about_distance(const dmo_host *host, const wf_setup *setup) {
  if (!host || !host->log) return;
  double lags = setup->method == WF_DIM ? 2 * ((double)setup->grid - 1) : 5 * (double)setup->grid;
  double limit = lags * setup->spacing * setup->spacing / setup->wavelength;
  bool is_sampled = setup->method == WF_DIM ? setup->distance >= limit : setup->distance <= limit;
  if (is_sampled) return;
  char line[256];
  dmo_text text = { line, sizeof line };
  wf_say(&text, "beam-splitter: distance %g m is %s %g m, where method=%s aliases on this grid; use method=%s",
         setup->distance, setup->method == WF_DIM ? "below" : "above", limit,
         setup->method == WF_DIM ? "dim" : "asm", setup->method == WF_DIM ? "asm" : "dim");
  host->log(host, DMO_LEVEL_WARNING, line);
}

static dmo_status fill(wf_instance *self, const char *const *texts, const dmo_text *error) {
  dmo_status status = wf_read_setup(texts, &self->setup, error);
  if (status != DMO_OK) return status;
  self->is_default = wf_is_default(&self->setup);
  self->cells = self->setup.grid * self->setup.grid;
  self->cell_area = self->setup.spacing * self->setup.spacing;
  self->observed_count = self->setup.observe == WF_FIELD ? 2 * self->cells : self->cells;
  self->beam = malloc(self->cells * sizeof *self->beam);
  if (!self->beam || !wf_propagator_init(&self->propagator, &self->setup) || !make_work_space(self)) {
    wf_say(error, "out of memory for grid=%zu; choose a smaller grid", self->setup.grid);
    return DMO_FAILED;
  }
  status = make_beam(self, error);
  if (status == DMO_OK) status = wf_target_init(&self->target, &self->setup, error);
  self->setup.target_path = NULL;  /* the host's text dies with this call */
  if (status == DMO_OK) make_spec(self);
  return status;
}

dmo_status wf_create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  wf_instance *self = calloc(1, sizeof *self);
  if (!self) return DMO_FAILED;
  dmo_status status = fill(self, texts, error);
  if (status != DMO_OK) {
    wf_destroy(self);
    return status;
  }
  warn_about_distance(host, &self->setup);
  *instance = self;
  return DMO_OK;
}

void wf_destroy(dmo_instance instance) {
  wf_instance *self = instance;
  if (!self) return;
  wf_propagator_clear(&self->propagator);
  wf_target_clear(&self->target);
  wf_golden_clear(&self->golden);
  free(self->beam);
  free(self->wrapped);
  free(self->observed);
  free(self->observed_bar);
  fftw_free(self->carrier);
  fftw_free(self->masked);
  fftw_free(self->back);
  fftw_free(self->out);
  free(self);
}

const dmo_spec *wf_describe(dmo_instance instance) { return &((wf_instance *)instance)->spec; }
