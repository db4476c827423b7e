/* evaluate.c: one point, many points, and the objective from what was observed. */
#include "wavefront.h"
#include <string.h>

dmo_status wf_check_call(const wf_instance *self, const dmo_call *call, const dmo_result *result) {
  size_t inputs = self->setup.has_amplitude ? 2 * self->cells : self->cells;
  if (call->x_count != inputs) {
    wf_say(&result->message, "x has %zu numbers, the mask takes %zu", call->x_count, inputs);
    return DMO_BAD_INPUT;
  }
  if (result->y_count != WF_Y_OBSERVED + self->observed_count) {
    wf_say(&result->message, "y has room for %zu numbers, not %zu", result->y_count,
           WF_Y_OBSERVED + self->observed_count);
    return DMO_BAD_INPUT;
  }
  if (call->fidelity != 0) {
    wf_say(&result->message, "there is no fidelity %u, only 0", (unsigned)call->fidelity);
    return DMO_UNSUPPORTED;
  }
  return DMO_OK;
}

WF_HOT static void read_intensity(const double *restrict row, double *restrict intensity, size_t count) {
  for (size_t j = 0; j < count; j++) intensity[j] = row[2 * j] * row[2 * j] + row[2 * j + 1] * row[2 * j + 1];
}

WF_HOT static void read_field(const double *restrict row, double *restrict re, double *restrict im, size_t count) {
  for (size_t j = 0; j < count; j++) {
    re[j] = row[2 * j];
    im[j] = row[2 * j + 1];
  }
}

dmo_status wf_simulate(wf_instance *self, const double *x, double *observed, const dmo_text *message) {
  dmo_status status = wf_apply_mask(self, x, message);
  if (status != DMO_OK) return status;
  wf_propagate(&self->propagator, self->masked, self->out);
  size_t n = self->setup.grid;
  for (size_t i = 0; i < n; i++) {
    const double *row = (const double *)(self->out + i * self->propagator.padded);
    if (self->setup.observe == WF_INTENSITY) read_intensity(row, observed + i * n, n);
    else read_field(row, observed + i * n, observed + self->cells + i * n, n);
  }
  return DMO_OK;
}

dmo_status wf_evaluate(dmo_instance instance, const dmo_call *call, dmo_result *result) {
  wf_instance *self = instance;
  dmo_status status = wf_check_call(self, call, result);
  if (status != DMO_OK) return status;
  double *observed = result->y + WF_Y_OBSERVED;
  status = wf_simulate(self, call->x, observed, &result->message);
  if (status == DMO_OK) result->y[WF_Y_LOSS] = wf_loss_value(self, observed);
  return status;
}

/* One propagation fills the second-level cache, so points are taken one after the other, by the same code. */
static dmo_status evaluate_batch(dmo_instance instance, const dmo_call *const *calls, dmo_result *const *results,
                                 dmo_status *statuses, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (calls[i]->cancelled && calls[i]->cancelled(calls[i])) break;
    statuses[i] = wf_evaluate(instance, calls[i], results[i]);
  }
  return DMO_OK;
}
const dmo_batch wf_batch = { .struct_size = sizeof(dmo_batch), .evaluate = evaluate_batch };

static dmo_status compose(dmo_instance instance, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  (void)x, (void)x_count;
  const wf_instance *self = instance;
  if (y_count != WF_Y_OBSERVED + self->observed_count) return DMO_BAD_INPUT;
  for (size_t i = 0; i < n; i++, y += y_count) y[WF_Y_LOSS] = wf_loss_value(self, y + WF_Y_OBSERVED);
  return DMO_OK;
}

static dmo_status compose_vjp(dmo_instance instance, size_t n, const double *x, size_t x_count, const double *y,
                              size_t y_count, const double *ybar, double *zbar, double *xbar) {
  (void)x, (void)x_count, (void)xbar;  /* the loss sees the mask only through the output plane */
  const wf_instance *self = instance;
  if (y_count != WF_Y_OBSERVED + self->observed_count) return DMO_BAD_INPUT;
  for (size_t i = 0; i < n; i++, y += y_count, ybar += y_count, zbar += y_count)
    if (ybar[WF_Y_LOSS] != 0)
      wf_loss_gradient(self, y + WF_Y_OBSERVED, ybar[WF_Y_LOSS], zbar + WF_Y_OBSERVED);
  return DMO_OK;
}
const dmo_composite wf_composite = {
  .struct_size = sizeof(dmo_composite), .compose = compose, .compose_vjp = compose_vjp,
};
