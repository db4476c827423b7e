#include <math.h>
#include <string.h>
#include "motoneuron.h"

static size_t steps_in(const motoneuron *self, double time) { return (size_t)lround(time / self->dt); }

size_t mn_most_steps(const motoneuron *self) {
  double plateau = mn_bias_time + mn_pulse_time + mn_after_time;
  return steps_in(self, plateau > mn_step_time ? plateau : mn_step_time);
}

static mn_block block_of(const motoneuron *self, const double *x) {
  mn_block b = {.dt = self->dt, .decay_4ms = exp(-self->dt / 4), .decay_40ms = exp(-self->dt / 40)};
  double *const fields[] = {b.g_na, b.g_kdr, b.g_can_s, b.g_kca_s, b.g_can_d, b.g_cal, b.g_kca_d, b.g_l, b.g_c, b.c_m};
  for (int i = 0; i < HH_LANES; i++) {
    for (int p = 0; p < 10; p++) fields[p][i] = x[p];
    b.calcium_decay[i] = exp(-x[10] * MN_K_CA * self->dt);
  }
  return b;
}

static int fires(const double *v, size_t width, size_t i) {
  return v[(i - 1) * width] <= MN_THRESHOLD && v[i * width] > MN_THRESHOLD;
}

/* 1000 / mean interval of the spikes of a lane in rows from ... to, Hz; 0 for fewer than two. */
static double rate_in(const motoneuron *self, const double *v, size_t from, size_t to) {
  size_t count = 0;
  double first = 0, last = 0;
  for (size_t i = from < 1 ? 1 : from; i < to; i++) {
    if (!fires(v, HH_LANES, i)) continue;
    double before = v[(i - 1) * HH_LANES], after = v[i * HH_LANES];
    last = (double)i + (MN_THRESHOLD - before) / (after - before);
    if (count++ == 0) first = last;
  }
  return count > 1 ? 1000 * (double)(count - 1) / ((last - first) * self->dt) : 0;
}

static dmo_status find_rest(const motoneuron *self, const mn_block *block, double *v, double *y, mn_state *rest,
                            dmo_text message) {
  const hh_kernels *k = self->kernels.few;
  size_t steps = steps_in(self, mn_rest_time);
  for (int i = 0; i < HH_LANES; i++) rest->vs[i] = rest->vd[i] = MN_E_L;
  k->mn_settle(block, rest);
  k->mn_advance(block, rest, steps, v);
  for (size_t i = steps / 2; i < steps; i++) {
    if (fires(v, k->width, i)) return hh_say(message, "the cell fires without any current"), DMO_INFEASIBLE;
  }
  y[MN_V_REST] = rest->vs[0];
  for (size_t field = 0; field < sizeof *rest / sizeof rest->vs; field++) { /* every lane as lane 0 */
    double *lane = (double *)rest + field * HH_LANES;
    for (int i = 1; i < HH_LANES; i++) lane[i] = lane[0];
  }
  return DMO_OK;
}

/* Resistance and the time to 63 % of the deflection, from lane 0; the whole step's time when there is no deflection. */
static void passive(const motoneuron *self, const double *v, double *y) {
  size_t steps = steps_in(self, mn_step_time), i = 0;
  double rest = y[MN_V_REST], end = v[(steps - 1) * HH_LANES], level = rest + (1 - exp(-1)) * (end - rest);
  double before = rest;
  while (i < steps && v[i * HH_LANES] > level) before = v[i * HH_LANES], i++;
  y[MN_R_IN] = (end - rest) / mn_pull;
  y[MN_TAU] = mn_step_time;
  if (end < rest && i < steps) y[MN_TAU] = ((double)i + (before - level) / (before - v[i * HH_LANES])) * self->dt;
}

/* Height, width and afterpotential of the first spike of the weakest step that fires; 0 when one cannot be measured. */
static void shape(const motoneuron *self, const double *v, double *y) {
  size_t lane = 1, steps = steps_in(self, mn_step_time), start = 1, peak;
  while (lane + 1 < HH_LANES && y[MN_RATE + lane - 1] == 0) lane++;
  v += lane;
  while (start < steps - 1 && !fires(v, HH_LANES, start)) start++;
  for (peak = start; peak + 1 < steps && v[(peak + 1) * HH_LANES] > v[peak * HH_LANES];) peak++;
  double top = v[peak * HH_LANES], rest = y[MN_V_REST], half = 0.5 * (top + rest), lowest = top;
  size_t up = peak, down = peak;
  while (up > 0 && v[(up - 1) * HH_LANES] > half) up--;
  while (down + 1 < steps && v[(down + 1) * HH_LANES] > half) down++;
  for (size_t i = peak; i < steps && (i == peak || !fires(v, HH_LANES, i)); i++) lowest = fmin(lowest, v[i * HH_LANES]);
  double a = up > 0 ? v[(up - 1) * HH_LANES] : rest, b = v[up * HH_LANES];
  double c = v[down * HH_LANES], d = down + 1 < steps ? v[(down + 1) * HH_LANES] : rest;
  y[MN_HEIGHT] = top - rest, y[MN_AHP] = lowest - rest;
  y[MN_WIDTH] = ((double)(down - up) + (b - half) / (b - a) + (c - half) / (c - d)) * self->dt;
}

/* Last interval over first, of the strongest step; NaN for fewer than three spikes. */
static double adaptation(const motoneuron *self, const double *v) {
  size_t count = 0, steps = steps_in(self, mn_step_time);
  double times[2] = {0, 0}, last[2] = {0, 0};
  for (size_t i = 1; i < steps; i++) {
    if (!fires(v, HH_LANES, i)) continue;
    double before = v[(i - 1) * HH_LANES], time = (double)i + (MN_THRESHOLD - before) / (v[i * HH_LANES] - before);
    if (count < 2) times[count] = time;
    last[0] = last[1], last[1] = time;
    count++;
  }
  return count > 2 ? (last[1] - last[0]) / (times[1] - times[0]) : NAN;
}

dmo_status mn_run_steps(const motoneuron *self, const double *x, double *v, double *y, mn_block *block, mn_state *rest,
                        dmo_text message) {
  *block = block_of(self, x);
  dmo_status status = find_rest(self, block, v, y, rest, message);
  if (status != DMO_OK) return status;
  mn_state s = *rest;
  size_t steps = steps_in(self, mn_step_time), settled = steps_in(self, mn_settled);
  for (int i = 0; i < HH_LANES; i++) block->current[i] = i ? mn_step * i : mn_pull;
  self->kernels.many->mn_advance(block, &s, settled, v);
  double inward = s.inward[HH_LANES - 1];
  self->kernels.many->mn_advance(block, &s, steps - settled, v + settled * HH_LANES);
  passive(self, v, y);
  for (size_t i = 0; i < MN_RATES; i++) y[MN_RATE + i] = rate_in(self, v + i + 1, settled, steps);
  double strongest = y[MN_RATE + MN_RATES - 1], adapted = adaptation(self, v + HH_LANES - 1);
  if (strongest == 0 || isnan(adapted)) {
    hh_say(message, "does not fire repetitively at %g uA/cm2", mn_step * MN_RATES);
    return DMO_INFEASIBLE;
  }
  y[MN_ADAPTATION] = adapted;
  y[MN_CHARGE] = (s.inward[HH_LANES - 1] - inward) / (strongest * 1e-3 * (mn_step_time - mn_settled));
  shape(self, v, y);
  return DMO_OK;
}

dmo_status mn_measure(const motoneuron *self, const dmo_call *call, const double *x, double *v, double *y,
                      dmo_text message) {
  mn_block block;
  mn_state s;
  dmo_status status = mn_run_steps(self, x, v, y, &block, &s, message);
  if (status != DMO_OK) return status;
  if (hh_cancelled(call)) return DMO_CANCELLED;
  const hh_kernels *k = self->kernels.many;
  size_t bias = steps_in(self, mn_bias_time), pulse = bias + steps_in(self, mn_pulse_time);
  size_t end = pulse + steps_in(self, mn_after_time), window = steps_in(self, mn_window);
  for (int i = 0; i < HH_LANES; i++) block.current[i] = mn_bias * (i + 1);
  k->mn_advance(&block, &s, bias, v);
  for (int i = 0; i < HH_LANES; i++) block.current[i] += mn_pulse;
  k->mn_advance(&block, &s, pulse - bias, v + bias * HH_LANES);
  for (int i = 0; i < HH_LANES; i++) block.current[i] = mn_bias * (i + 1);
  k->mn_advance(&block, &s, end - pulse, v + pulse * HH_LANES);
  double jump = -INFINITY;
  for (int i = 0; i < HH_LANES; i++) {
    jump = fmax(jump, rate_in(self, v + i, end - window, end) - rate_in(self, v + i, bias - window, bias));
  }
  y[MN_JUMP] = jump;
  return DMO_OK;
}

static double relative(double value, double target) { return fabs(value / target - 1); }

void mn_judge(const motoneuron *self, double *y) {
  const double *t = self->target;
  double *goal = y + MN_GOALS, *bound = y + MN_BOUNDS, squares = 0, largest = 0, rise = INFINITY;
  double rest = fabs(y[MN_V_REST] - t[MN_V_REST]), r_in = relative(y[MN_R_IN], t[MN_R_IN]);
  double tau = relative(y[MN_TAU], t[MN_TAU]), height = relative(y[MN_HEIGHT], t[MN_HEIGHT]);
  double width = relative(y[MN_WIDTH], t[MN_WIDTH]), ahp = relative(y[MN_AHP], t[MN_AHP]);
  double adapted = relative(y[MN_ADAPTATION], t[MN_ADAPTATION]), jump = relative(y[MN_JUMP], t[MN_JUMP]);
  for (int i = 0; i < MN_RATES; i++) {
    double off = relative(y[MN_RATE + i], t[MN_RATE + i]);
    squares += off * off / MN_RATES;
    if (!(off <= largest)) largest = off; /* NaN in, NaN out */
    double step = i ? y[MN_RATE + i] - y[MN_RATE + i - 1] : INFINITY;
    if (!(step >= rise)) rise = step;
  }
  goal[0] = sqrt((rest * rest / 4 + (r_in * r_in + tau * tau) / 0.01) / 3);
  goal[1] = sqrt(squares) / 0.1;
  goal[2] = sqrt((height * height + width * width + ahp * ahp) / 0.03);
  goal[3] = sqrt((jump * jump + adapted * adapted) / 0.02);
  goal[4] = y[MN_CHARGE];
  const double bounds[MN_BOUND_COUNT] = {rest, r_in, tau, largest, height, fmax(width, ahp), adapted, jump, rise};
  memcpy(bound, bounds, sizeof bounds);
  if (isnan(width + ahp)) bound[5] = NAN;
}
