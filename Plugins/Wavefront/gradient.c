/* gradient.c: exact derivatives, forwards and backwards.
 *
 * Propagation P is linear and symmetric (the kernel is even), so its adjoint is conj(P conj(.)): the backward sweep
 * runs the same transforms.  A complex number g stands for the pair (dL/d re, dL/d im). */
#include "wavefront.h"
#include <string.h>

static bool all_zero(const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (values[i] != 0) return false;
  return true;
}

/* self->back = conj(g) of the output plane, from the gradient of the observed numbers. */
static void start_adjoint(wf_instance *self, const double *bar) {
  size_t n = self->setup.grid, length = self->propagator.padded, cells = self->cells;
  for (size_t i = 0; i < n; i++) {
    double *restrict row = (double *)(self->back + i * length);
    const double *out = (const double *)(self->out + i * length);
    const double *re_bar = bar + i * n, *im_bar = bar + cells + i * n;
    if (self->setup.observe == WF_INTENSITY) {
      for (size_t j = 0; j < n; j++) {
        row[2 * j] = 2 * re_bar[j] * out[2 * j];
        row[2 * j + 1] = -2 * re_bar[j] * out[2 * j + 1];
      }
    } else {
      for (size_t j = 0; j < n; j++) {
        row[2 * j] = re_bar[j];
        row[2 * j + 1] = -im_bar[j];
      }
    }
  }
}

/* self->back holds q = conj(g) of the masked field s.  dL/dphase = Re(conj(g) i s) = -Im(q s), dL/damplitude =
 * Re(q carrier). */
static void finish_adjoint(const wf_instance *self, double *xbar) {
  size_t n = self->setup.grid, length = self->propagator.padded, cells = self->cells;
  for (size_t i = 0; i < n; i++) {
    const double *q = (const double *)(self->back + i * length), *s = (const double *)(self->masked + i * length);
    const double *carrier = (const double *)(self->carrier + i * n);
    double *restrict phase = xbar + i * n;
    for (size_t j = 0; j < n; j++) phase[j] = -(q[2 * j] * s[2 * j + 1] + q[2 * j + 1] * s[2 * j]);
    if (!self->setup.has_amplitude) continue;
    double *restrict amplitude = xbar + cells + i * n;
    for (size_t j = 0; j < n; j++) amplitude[j] = q[2 * j] * carrier[2 * j] - q[2 * j + 1] * carrier[2 * j + 1];
  }
}

/* A propagation leaves junk in the columns beyond N; as an input those are the padding. */
static void clear_padding(wf_instance *self) {
  size_t n = self->setup.grid, length = self->propagator.padded;
  for (size_t i = 0; i < n; i++) memset(self->back + i * length + n, 0, (length - n) * sizeof *self->back);
}

static dmo_status vjp(dmo_instance instance, const dmo_call *call, const double *ybar, double *xbar,
                      dmo_result *result) {
  wf_instance *self = instance;
  dmo_status status = wf_evaluate(instance, call, result);
  if (status != DMO_OK) return status;
  double *bar = self->observed_bar;
  memcpy(bar, ybar + WF_Y_OBSERVED, self->observed_count * sizeof *bar);
  if (ybar[WF_Y_LOSS] != 0) wf_loss_gradient(self, result->y + WF_Y_OBSERVED, ybar[WF_Y_LOSS], bar);
  if (all_zero(bar, self->observed_count)) {
    memset(xbar, 0, call->x_count * sizeof *xbar);
    return DMO_OK;
  }
  start_adjoint(self, bar);
  clear_padding(self);
  wf_propagate(&self->propagator, self->back, self->back);
  finish_adjoint(self, xbar);
  return DMO_OK;
}

/* self->back = the derivative of the masked field along xdot: i s phase' + carrier amplitude'. */
static void start_tangent(wf_instance *self, const double *xdot) {
  size_t n = self->setup.grid, length = self->propagator.padded, cells = self->cells;
  for (size_t i = 0; i < n; i++) {
    double *restrict row = (double *)(self->back + i * length);
    const double *s = (const double *)(self->masked + i * length);
    const double *carrier = (const double *)(self->carrier + i * n);
    for (size_t j = 0; j < n; j++) {
      double turn = xdot[i * n + j], gain = self->setup.has_amplitude ? xdot[cells + i * n + j] : 0;
      row[2 * j] = gain * carrier[2 * j] - turn * s[2 * j + 1];
      row[2 * j + 1] = gain * carrier[2 * j + 1] + turn * s[2 * j];
    }
  }
}

static dmo_status jvp(dmo_instance instance, const dmo_call *call, const double *xdot, double *ydot,
                      dmo_result *result) {
  wf_instance *self = instance;
  dmo_status status = wf_evaluate(instance, call, result);
  if (status != DMO_OK) return status;
  size_t n = self->setup.grid, length = self->propagator.padded, cells = self->cells;
  start_tangent(self, xdot);
  clear_padding(self);
  wf_propagate(&self->propagator, self->back, self->back);
  double *observed_dot = ydot + WF_Y_OBSERVED;
  for (size_t i = 0; i < n; i++) {
    const double *dot = (const double *)(self->back + i * length), *out = (const double *)(self->out + i * length);
    for (size_t j = 0; j < n; j++) {
      if (self->setup.observe == WF_INTENSITY) {
        observed_dot[i * n + j] = 2 * (out[2 * j] * dot[2 * j] + out[2 * j + 1] * dot[2 * j + 1]);
      } else {
        observed_dot[i * n + j] = dot[2 * j];
        observed_dot[cells + i * n + j] = dot[2 * j + 1];
      }
    }
  }
  memset(self->observed_bar, 0, self->observed_count * sizeof *self->observed_bar);
  wf_loss_gradient(self, result->y + WF_Y_OBSERVED, 1, self->observed_bar);
  double along = 0;
  for (size_t i = 0; i < self->observed_count; i++) along += self->observed_bar[i] * observed_dot[i];
  ydot[WF_Y_LOSS] = along;
  return DMO_OK;
}

const dmo_gradient wf_gradient = { .struct_size = sizeof(dmo_gradient), .vjp = vjp, .jvp = jvp };
