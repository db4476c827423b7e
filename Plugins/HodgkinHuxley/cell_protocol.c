#include <math.h>
#include "cell.h"

size_t cell_step_count(const cell *self) { return (size_t)lround(cell_step_time / self->dt); }

static hh_block block_of(const cell *self, const double *x) {
  hh_block block;
  hh_block_standard(&block, self->dt, x[5]);
  for (int i = 0; i < HH_LANES; i++) {
    block.g_na[i] = x[0], block.g_k[i] = x[1], block.g_l[i] = x[2], block.e_l[i] = x[3];
    block.capacity[i] = 1e-3 * x[4] / self->dt;
  }
  return block;
}

/* Resting potential and input resistance; leaves the state at rest in lane 0. */
static dmo_status find_rest(const cell *self, hh_block *block, hh_state *rest, double *y, dmo_text message) {
  const hh_kernels *k = self->kernels.few;
  double v[HH_CHUNK * HH_LANES];
  size_t steps = (size_t)lround(cell_settle_time / self->dt), late_spikes = 0;
  block->current[0] = 0, block->current[1] = hh_density(cell_pull);
  for (int i = 0; i < HH_LANES; i++) rest->v[i] = hh_v_start;
  k->settle(block, rest, self->integrator);
  for (size_t done = 0; done < steps;) {
    size_t count = steps - done < HH_CHUNK ? steps - done : HH_CHUNK;
    int passed = k->advance(block, rest, NULL, NULL, self->integrator, count, v);
    for (size_t i = 1; passed && i < count; i++) {
      late_spikes += v[(i - 1) * k->width] <= hh_threshold && v[i * k->width] > hh_threshold && done + i > steps / 2;
    }
    done += count;
  }
  if (late_spikes) {
    hh_say(message, "the cell fires without any current");
    return DMO_INFEASIBLE;
  }
  y[CELL_V_REST] = rest->v[0];
  y[CELL_R_IN] = (rest->v[1] - rest->v[0]) / cell_pull;
  return DMO_OK;
}

/* Every lane as lane 0. */
static void spread(hh_state *s) {
  for (int i = 1; i < HH_LANES; i++) {
    s->v[i] = s->v[0], s->m[i] = s->m[0], s->h[i] = s->h[0], s->n[i] = s->n[0];
    for (int p = 0; p < 2; p++) {
      for (int q = 0; q < HH_PAST; q++) s->past[p][q][i] = s->past[p][q][0];
    }
  }
}

/* The lanes that fire when their current of block->current is switched on at rest. */
static unsigned firing(const cell *self, const hh_block *block, const hh_state *rest) {
  const hh_kernels *k = self->kernels.many;
  double v[HH_CHUNK * HH_LANES], before[HH_LANES];
  hh_state s = *rest;
  size_t steps = (size_t)lround(cell_pulse_time / self->dt);
  unsigned fired = 0;
  for (int j = 0; j < HH_LANES; j++) before[j] = s.v[j];
  for (size_t done = 0; done < steps;) {
    size_t count = steps - done < HH_CHUNK ? steps - done : HH_CHUNK;
    int passed = k->advance(block, &s, NULL, NULL, self->integrator, count, v);
    for (size_t i = 0; passed && i < count; i++) {
      for (unsigned j = 0; j < HH_LANES; j++) {
        if (before[j] <= hh_threshold && v[i * HH_LANES + j] > hh_threshold) fired |= 1u << j;
        before[j] = v[i * HH_LANES + j];
      }
    }
    for (int j = 0; j < HH_LANES; j++) before[j] = s.v[j];
    done += count;
  }
  return fired;
}

/* Eight currents at a time cut the bracket of the rheobase to a ninth; four rounds leave 1/6561 of the range. */
static dmo_status find_rheobase(const cell *self, hh_block *block, const hh_state *rest, double *y, dmo_text message) {
  double low = 0, high = cell_largest_current * 9 / 8;
  for (int round = 0; round < 4; round++) {
    double part = (high - low) / 9;
    for (int i = 0; i < HH_LANES; i++) block->current[i] = hh_density(low + part * (i + 1));
    unsigned fired = firing(self, block, rest);
    if (!fired && round == 0) {
      hh_say(message, "no spike within %g ms up to %g nA", cell_pulse_time, cell_largest_current);
      return DMO_INFEASIBLE;
    }
    int first = 0;
    while (first < HH_LANES && !(fired >> first & 1)) first++;
    low += part * first;
    if (first < HH_LANES) high = low + part;
  }
  y[CELL_RHEOBASE] = 0.5 * (low + high);
  return DMO_OK;
}

dmo_status cell_measure(const cell *self, const dmo_call *call, const double *x, double *y, cell_traces traces,
                        dmo_text message) {
  hh_block block = block_of(self, x);
  hh_state rest;
  dmo_status status = find_rest(self, &block, &rest, y, message);
  if (status != DMO_OK) return status;
  spread(&rest);
  if (hh_cancelled(call)) return DMO_CANCELLED;
  status = find_rheobase(self, &block, &rest, y, message);
  if (status != DMO_OK) return status;
  if (hh_cancelled(call)) return DMO_CANCELLED;
  for (int i = 0; i < CELL_LEVELS; i++) block.current[i] = hh_density(cell_level * (i + 1));
  self->kernels.many->advance(&block, &rest, NULL, NULL, self->integrator, traces.steps, traces.v);
  return cell_features(self, y, traces, message);
}
