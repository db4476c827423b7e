#include <math.h>
#include "cell.h"

/* The spikes of a level: how many, the first three and the last two passages (ms), and from the onset on. */
typedef struct train { size_t count; double first[3], last[2]; size_t peak_step; } train;

static double level_v(cell_traces traces, size_t level, size_t step) { return traces.v[step * CELL_LEVELS + level]; }

static train spikes_of(const cell *self, cell_traces traces, size_t level) {
  train t = {0};
  for (size_t i = 1; i < traces.steps; i++) {
    double before = level_v(traces, level, i - 1), after = level_v(traces, level, i);
    if (t.count == 1 && after > level_v(traces, level, t.peak_step)) t.peak_step = i;
    if (before > hh_threshold || after <= hh_threshold) continue;
    double time = hh_spike_time(self->integrator, before, after, i, self->dt);
    if (t.count == 0) t.peak_step = i;
    if (t.count < 3) t.first[t.count] = time;
    t.last[0] = t.last[1], t.last[1] = time;
    t.count++;
  }
  return t;
}

/* 1000 / mean interval of the spikes after the onset, Hz; 0 for fewer than two. */
static double rate_of(const cell *self, cell_traces traces, size_t level) {
  size_t count = 0;
  double first = 0, last = 0;
  for (size_t i = (size_t)(cell_step_onset_skip / self->dt); i < traces.steps; i++) {
    double before = level_v(traces, level, i - 1), after = level_v(traces, level, i);
    if (before > hh_threshold || after <= hh_threshold) continue;
    last = hh_spike_time(self->integrator, before, after, i, self->dt);
    if (count++ == 0) first = last;
  }
  return count > 1 ? 1000 * (double)(count - 1) / (last - first) : 0;
}

/* Time between the passages of half height around the first peak, ms. */
static double half_width(const cell *self, cell_traces traces, size_t level, size_t peak, double half) {
  size_t up = peak, down = peak;
  while (up > 0 && level_v(traces, level, up - 1) > half) up--;
  while (down + 1 < traces.steps && level_v(traces, level, down + 1) > half) down++;
  if (up == 0 || down + 1 == traces.steps) return NAN;
  double a = level_v(traces, level, up - 1), b = level_v(traces, level, up);
  double c = level_v(traces, level, down), d = level_v(traces, level, down + 1);
  return ((double)(down - up) + (b - half) / (b - a) + (c - half) / (c - d)) * self->dt;
}

/* Least-squares slope of rate (Hz) over current (nA) among the levels that fire; returns how many do. */
static size_t slope_of(const double *rate, double *slope) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (int i = 0; i < CELL_LEVELS; i++) {
    double x = cell_level * (i + 1);
    if (rate[i] > 0) n++, sx += x, sy += rate[i], sxx += x * x, sxy += x * rate[i];
  }
  *slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  return (size_t)n;
}

/* The weakest current that fires once and is then stuck above -45 mV, or 0. */
static double blocked_at(const double *rate, cell_traces traces) {
  for (size_t i = 0; i < CELL_LEVELS; i++) {
    if (rate[i] == 0 && level_v(traces, i, traces.steps - 1) > -45) return cell_level * (double)(i + 1);
  }
  return 0;
}

dmo_status cell_features(const cell *self, double *y, cell_traces traces, dmo_text message) {
  double *rate = y + CELL_RATE;
  for (size_t i = 0; i < CELL_LEVELS; i++) rate[i] = rate_of(self, traces, i);
  double block = blocked_at(rate, traces), slope;
  if (block > 0) {
    hh_say(message, "depolarisation block at %g nA", block);
    return DMO_INFEASIBLE;
  }
  size_t firing = slope_of(rate, &slope), level = 0;
  if (firing < 2) {
    hh_say(message, "fires repetitively at %zu of %d currents up to %g nA", firing, CELL_LEVELS,
           cell_level * CELL_LEVELS);
    return DMO_INFEASIBLE;
  }
  y[CELL_SLOPE] = slope;
  while (rate[level] == 0) level++;
  train t = spikes_of(self, traces, level);
  double peak = level_v(traces, level, t.peak_step);
  double width = half_width(self, traces, level, t.peak_step, 0.5 * (peak + y[CELL_V_REST]));
  if (t.count < 3 || !isfinite(width)) {
    hh_say(message, "no spike that can be measured at %g nA, the weakest current that fires",
           cell_level * (double)(level + 1));
    return DMO_INFEASIBLE;
  }
  y[CELL_PEAK] = peak, y[CELL_HEIGHT] = peak - y[CELL_V_REST], y[CELL_WIDTH] = width;
  y[CELL_ADAPTATION] = (t.last[1] - t.last[0]) / (t.first[1] - t.first[0]) - 1;
  return DMO_OK;
}

/* Root mean square of two distances, each in its own tolerance. */
static double distance(double a, double b) { return sqrt(0.5 * (a * a + b * b)); }

void cell_judge(const cell *self, double *y) {
  const double *t = self->target;
  double *goal = y + CELL_GOALS, *bound = y + CELL_BOUNDS, fastest = 0;
  goal[0] = distance((y[CELL_V_REST] - t[CELL_V_REST]) / 2, (y[CELL_R_IN] / t[CELL_R_IN] - 1) / 0.1);
  goal[1] = distance((y[CELL_RHEOBASE] / t[CELL_RHEOBASE] - 1) / 0.1, (y[CELL_SLOPE] / t[CELL_SLOPE] - 1) / 0.1);
  goal[2] = distance((y[CELL_HEIGHT] - t[CELL_HEIGHT]) / 5, (y[CELL_WIDTH] / t[CELL_WIDTH] - 1) / 0.1);
  goal[3] = fabs(y[CELL_ADAPTATION] - t[CELL_ADAPTATION]) / 0.02;
  for (int i = 0; i < CELL_LEVELS; i++) {
    double rate = y[CELL_RATE + i];
    if (!(rate <= fastest)) fastest = rate; /* NaN in, NaN out */
  }
  bound[0] = fabs(y[CELL_V_REST] - t[CELL_V_REST]);
  bound[1] = y[CELL_PEAK], bound[2] = y[CELL_WIDTH], bound[3] = y[CELL_ADAPTATION], bound[4] = fastest;
}
