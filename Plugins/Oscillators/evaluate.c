/* Answers for one point and for many: q(0) to q(T) and the loss. */
#include "instance.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

dmo_status osc_refuse(dmo_result *out, dmo_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (out->message.data && out->message.capacity)
    vsnprintf(out->message.data, out->message.capacity, format, arguments);
  va_end(arguments);
  return status;
}

dmo_status osc_check(const osc_instance *self, const dmo_call *call, dmo_result *out) {
  const double bound = self->params[0].max;
  if (call->x_count != self->n || out->y_count != self->n + 1)
    return osc_refuse(out, DMO_BAD_INPUT, "%zu parameters and %zu outputs; this problem has %zu and %zu", call->x_count,
                      out->y_count, self->n, self->n + 1);
  if (call->fidelity) return osc_refuse(out, DMO_UNSUPPORTED, "fidelity %u; there is only 0", (unsigned)call->fidelity);
  for (size_t i = 0; i < self->n; i++)
    if (!(call->x[i] >= -bound && call->x[i] <= bound))
      return osc_refuse(out, DMO_BAD_INPUT, "q[%zu] = %g is not within -pi ... pi", i, call->x[i]);
  return DMO_OK;
}

dmo_status osc_advance(const osc_instance *self, const dmo_call *call, const osc_state *state, size_t steps,
                       double *tape, size_t done, size_t total) {
  size_t chunk = state->lanes ? self->chunk / self->network.width + 1 : self->chunk;
  while (steps > 0) {
    size_t now = steps < chunk ? steps : chunk;
    self->kernels->forward(&self->network, state, now, tape);
    if (tape) tape += now * OSC_TAPE_DOUBLES(self->network.padded);
    steps -= now;
    done += now;
    if (done < total && call->progress) call->progress(call, (double)done / (double)total);
    if (done < total && call->cancelled && call->cancelled(call)) return DMO_CANCELLED;
  }
  return DMO_OK;
}

/* `count` <= width checked calls: one point along the vectors, or several in their lanes. */
static dmo_status run_group(osc_instance *self, const dmo_call *const *calls, dmo_result *const *results, size_t count,
                            int lanes, double *block) {
  const osc_network *net = &self->network;
  const size_t n = self->n, apart = lanes ? net->width : 1;
  osc_state state = {.vectors = lanes ? n : net->padded / net->width, .lanes = lanes, .q = block};
  const size_t size = state.vectors * net->width;
  state.v = state.q + size;
  state.work = state.v + size;
  memset(state.q, 0, 2 * size * sizeof(double));
  for (size_t p = 0; p < count; p++)
    for (size_t i = 0; i < n; i++) {
      state.q[i * apart + p] = calls[p]->x[i];
      state.v[i * apart + p] = net->velocity[i];
    }
  dmo_status status = osc_advance(self, calls[0], &state, net->steps, NULL, 0, net->steps);
  for (size_t p = 0; !status && p < count; p++) {
    double *y = results[p]->y;
    for (size_t i = 0; i < n; i++) y[i] = state.q[i * apart + p];
    y[n] = osc_loss(self, y);
  }
  return status;
}

dmo_status osc_evaluate(dmo_instance instance, const dmo_call *call, dmo_result *out) {
  osc_instance *self = instance;
  dmo_status status = osc_check(self, call, out);
  if (status) return status;
  double *block = osc_pool_take(&self->forward);
  if (!block) return osc_refuse(out, DMO_FAILED, "out of memory");
  status = run_group(self, &call, &out, 1, 0, block);
  osc_pool_give(&self->forward, block);
  return status;
}

/* A group costs n vectors, however many points it holds; a single point its own vectors and the wait for a chain of
 * operations, which is half a vector: measured with AVX-512 from n = 2 (2 points) over n = 8 (5) to n = 50 (8). */
static int group_pays(const osc_network *net, size_t points) {
  return points > 1 && points * (2 * (net->padded / net->width) + 1) >= 2 * net->n;
}

dmo_status osc_evaluate_batch(dmo_instance instance, const dmo_call *const *calls, dmo_result *const *results,
                              dmo_status *statuses, size_t n) {
  osc_instance *self = instance;
  const size_t width = self->network.width;
  double *block = osc_pool_take(&self->forward);
  if (!block) return DMO_FAILED;
  const dmo_call *good_calls[OSC_MAX_WIDTH];
  dmo_result *good_results[OSC_MAX_WIDTH];
  size_t places[OSC_MAX_WIDTH], count = 0;
  dmo_status status = DMO_OK;
  for (size_t i = 0; i < n && !status; i++) {
    statuses[i] = osc_check(self, calls[i], results[i]);
    if (!statuses[i]) {
      good_calls[count] = calls[i];
      good_results[count] = results[i];
      places[count++] = i;
    }
    if (count < width && i + 1 < n) continue;
    size_t step = group_pays(&self->network, count) ? count : 1;
    for (size_t p = 0; p < count; p += step) {
      if (!status) status = run_group(self, good_calls + p, good_results + p, step, step > 1, block);
      for (size_t k = p; k < p + step; k++) statuses[places[k]] = status;
    }
    count = 0;
  }
  osc_pool_give(&self->forward, block);
  return DMO_OK;
}
