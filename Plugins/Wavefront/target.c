/* target.c: what the output plane should look like. */
#include "wavefront.h"
#include <math.h>
#include <stdlib.h>

double wf_normalise(double *numbers, size_t count, double cell_area) {
  double power = 0;
  for (size_t i = 0; i < count; i++) power += numbers[i] * numbers[i];
  power *= cell_area;
  double scale = power > 0 && isfinite(power) ? 1 / sqrt(power) : 0;
  for (size_t i = 0; i < count; i++) numbers[i] *= scale;
  return power;
}

/* Two Gaussian spots in phase, side by side along a row. */
static void two_gaussians(const wf_setup *setup, fftw_complex *field) {
  size_t n = setup->grid;
  double middle = ((double)n - 1) / 2, waist2 = setup->waist * setup->waist;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double across = ((double)i - middle) * setup->spacing, along = ((double)j - middle) * setup->spacing;
      double left = along + setup->separation / 2, right = along - setup->separation / 2;
      field[i * n + j][0] = exp(-(left * left + across * across) / waist2)
                          + exp(-(right * right + across * across) / waist2);
      field[i * n + j][1] = 0;
    }
}

dmo_status wf_target_init(wf_target *target, const wf_setup *setup, const dmo_text *error) {
  size_t cells = setup->grid * setup->grid;
  double area = setup->spacing * setup->spacing;
  target->field = fftw_alloc_complex(cells);
  target->share = malloc(cells * sizeof *target->share);
  if (!target->field || !target->share) {
    wf_say(error, "out of memory for a target of %zu cells", cells);
    return DMO_FAILED;
  }
  if (setup->target_path) {
    dmo_status status = wf_read_target(setup->target_path, setup->grid, target->field, error);
    if (status != DMO_OK) return status;
  } else {
    two_gaussians(setup, target->field);
  }
  double power = wf_normalise((double *)target->field, 2 * cells, area), squares = 0;
  if (!(power > 0) || !isfinite(power)) {
    wf_say(error, "the target field has no power on the grid; check target, or separation, waist, spacing and grid");
    return DMO_BAD_INPUT;
  }
  for (size_t i = 0; i < cells; i++) {
    double re = target->field[i][0], im = target->field[i][1];
    target->share[i] = (re * re + im * im) * area;
    squares += target->share[i] * target->share[i];
  }
  target->share_norm = sqrt(squares);
  return DMO_OK;
}

void wf_target_clear(wf_target *target) {
  fftw_free(target->field);
  free(target->share);
}
