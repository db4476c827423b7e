/* The goal as a function of the observed q(T): the norm of its deviation from the target (equation (12)). */
#include "instance.h"

#include <math.h>

double osc_loss(const osc_instance *self, const double *qT) {
  const double *target = self->network.target;
  double sum = 0;
  if (self->norm == OSC_NORM_MEAN) {
    for (size_t i = 0; i < self->n; i++) sum += fabs(qT[i] - target[i]);
    return sum / (double)self->n;
  }
  for (size_t i = 0; i < self->n; i++) sum += (qT[i] - target[i]) * (qT[i] - target[i]);
  return sqrt(sum);
}

void osc_loss_gradient(const osc_instance *self, const double *qT, double weight, double *gradient) {
  const double *target = self->network.target, loss = osc_loss(self, qT);
  if (loss == 0) return;
  double scale = weight / (self->norm == OSC_NORM_MEAN ? (double)self->n : loss);
  for (size_t i = 0; i < self->n; i++) {
    double deviation = qT[i] - target[i];
    if (self->norm == OSC_NORM_MEAN && !isnan(deviation)) deviation = (deviation > 0) - (deviation < 0);
    gradient[i] += scale * deviation;
  }
}

dmo_status osc_compose(dmo_instance instance, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  const osc_instance *self = instance;
  (void)x;
  if (x_count != self->n || y_count != self->n + 1) return DMO_BAD_INPUT;
  for (size_t row = 0; row < n; row++, y += y_count) y[self->n] = osc_loss(self, y);
  return DMO_OK;
}

dmo_status osc_compose_vjp(dmo_instance instance, size_t n, const double *x, size_t x_count, const double *y,
                           size_t y_count, const double *ybar, double *zbar, double *xbar) {
  const osc_instance *self = instance;
  (void)x, (void)xbar; /* the goal depends on x through q(T) alone */
  if (x_count != self->n || y_count != self->n + 1) return DMO_BAD_INPUT;
  for (size_t row = 0; row < n; row++, y += y_count, ybar += y_count, zbar += y_count)
    if (ybar[self->n] != 0) osc_loss_gradient(self, y, ybar[self->n], zbar);
  return DMO_OK;
}
