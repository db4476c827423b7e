#include <math.h>
#include "trace.h"

static void record(const trace *self, size_t lane, size_t width, const double *v, size_t from, size_t steps,
                   double *y) {
  for (size_t i = 0; i < steps; i++) {
    size_t end = from + i + 1;
    if (end % self->record_every == 0) y[TRACE_V + end / self->record_every] = v[i * width + lane];
  }
}

/* Appends the passages within v[steps][width], whose first row belongs to step from + 1; `before` is v at step from. */
static void find_spikes(const trace *self, size_t lane, size_t width, const double *v, double before, size_t from,
                        size_t steps, double *y) {
  double *spike = y + TRACE_V + self->records;
  for (size_t i = 0; i < steps; i++) {
    double after = v[i * width + lane];
    size_t end = from + i + 1;
    /* NEURON looks for spikes at the start of a step, so the very last moment does not count there. */
    int counted = end < self->steps || self->integrator != HH_STAGGERED_EULER;
    if (before <= hh_threshold && after > hh_threshold && counted) {
      double time = hh_spike_time(self->integrator, before, after, end, self->dt);
      if (y[TRACE_COUNT] < (double)self->spikes) spike[(size_t)y[TRACE_COUNT]] = time;
      y[TRACE_COUNT] += 1;
      y[TRACE_LAST] = time;
    }
    before = after;
  }
}

size_t trace_simulate(const trace *self, const dmo_call *call, const double *x, double *y, size_t count) {
  const hh_kernels *k = count <= self->kernels.few->width ? self->kernels.few : self->kernels.many;
  const size_t onset = (size_t)ceil(5 / self->dt - 1e-6); /* the first step that lies after 5 ms as a whole */
  double first_part = fmax(0, (double)onset - 5 / self->dt); /* share of the step before it that sees the current */
  if (self->integrator == HH_STAGGERED_EULER) first_part = first_part >= 0.5; /* NEURON asks at mid-step */
  hh_block block;
  hh_state state;
  double amplitude[HH_LANES], v[HH_CHUNK * HH_LANES], before[HH_LANES];
  hh_block_standard(&block, self->dt, self->celsius);
  for (size_t i = 0; i < k->width; i++) {
    const double *p = x + TRACE_PARAMETERS * (i < count ? i : 0); /* idle lanes repeat the first cell */
    block.g_na[i] = p[0], block.g_k[i] = p[1], block.g_l[i] = p[2], amplitude[i] = hh_density(p[3]);
    state.v[i] = before[i] = hh_v_start;
  }
  for (size_t i = 0; i < count; i++) {
    double *row = y + i * self->y_count;
    row[TRACE_COUNT] = 0, row[TRACE_LAST] = NAN, row[TRACE_V] = hh_v_start;
    for (size_t j = 0; j < self->spikes; j++) row[TRACE_V + self->records + j] = NAN;
  }
  k->settle(&block, &state, self->integrator);
  size_t done = 0;
  while (done < self->steps && !hh_cancelled(call)) {
    size_t end = done + HH_CHUNK < self->steps ? done + HH_CHUNK : self->steps;
    double share = done >= onset ? 1 : 0;
    if (done < onset && end >= onset) end = onset - 1 > done ? onset - 1 : onset;
    if (end == onset) share = first_part;
    for (size_t i = 0; i < k->width; i++) block.current[i] = share * amplitude[i];
    int passed = k->advance(&block, &state, NULL, NULL, self->integrator, end - done, v);
    for (size_t i = 0; i < count; i++) {
      record(self, i, k->width, v, done, end - done, y + i * self->y_count);
      if (passed) find_spikes(self, i, k->width, v, before[i], done, end - done, y + i * self->y_count);
      before[i] = state.v[i];
    }
    done = end;
  }
  return done;
}

double trace_rmse(const trace *self, const double *v) {
  double sum = 0;
  for (size_t i = 0; i < self->records; i++) sum += (v[i] - self->target[i]) * (v[i] - self->target[i]);
  return sqrt(sum / (double)self->records);
}
