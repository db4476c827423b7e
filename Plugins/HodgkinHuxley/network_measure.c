#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "network.h"

/* The spikes of one cell within the window that counts. */
typedef struct tally { size_t count; double first, last, sum_square; } tally;

/* Coefficient of variation of the intervals, or NaN for fewer than three of them. */
static double variation(tally t) {
  if (t.count < 4) return NAN;
  double n = (double)(t.count - 1), mean = (t.last - t.first) / n;
  return sqrt(fmax(0, t.sum_square / n - mean * mean)) / mean;
}

/* Golomb's measure: the standard deviation of the mean potential over the root mean variance of the single ones.  1 in
 * lockstep, of the order of 1 / sqrt(cells) for independent cells; 0 where nothing moves. */
static double synchrony(const network *self, const activity *a) {
  double n = (double)(a->samples - a->first_sample), cells = (double)self->wiring.cells;
  double mean = 0, square = 0, single = 0;
  if (a->samples <= a->first_sample) return 0;
  for (size_t i = a->first_sample; i < a->samples; i++) {
    double v = a->population[i] / cells;
    mean += v / n, square += v * v / n;
  }
  for (size_t i = 0; i < self->wiring.cells; i++) {
    double m = a->sum[i] / n;
    single += fmax(0, a->sum_square[i] / n - m * m) / cells;
  }
  return single > 1e-12 ? sqrt(fmax(0, square - mean * mean) / single) : 0;
}

dmo_status network_measure(const network *self, const activity *a, double *y) {
  const wiring *w = &self->wiring;
  tally *tallies = calloc(w->cells, sizeof *tallies);
  if (!tallies) return DMO_FAILED;
  double from = self->transient, middle = 0.5 * (from + self->duration), seconds = 1e-3 * (self->duration - from);
  double half[2] = {0, 0}, spikes[2] = {0, 0}, cells[2] = {(double)w->excitatory, (double)(w->cells - w->excitatory)};
  for (size_t i = 0; i < a->spikes.count; i++) {
    spike s = a->spikes.at[i];
    tally *t = &tallies[s.cell];
    if (s.time < from) continue;
    if (t->count++ == 0) t->first = s.time;
    else t->sum_square += (s.time - t->last) * (s.time - t->last);
    t->last = s.time;
    half[s.time >= middle]++, spikes[s.cell >= w->excitatory]++;
  }
  double active = 0, fastest = 0, cv = 0, varying = 0;
  for (size_t i = 0; i < w->cells; i++) {
    double v = variation(tallies[i]);
    active += tallies[i].count > 0;
    fastest = fmax(fastest, (double)tallies[i].count / seconds);
    if (!isnan(v)) cv += v, varying++;
  }
  free(tallies);
  for (int k = 0; k < 2; k++) y[NET_RATE_E + k] = cells[k] > 0 ? spikes[k] / cells[k] / seconds : 0;
  for (int k = 0; k < 2; k++) y[NET_EARLY + k] = half[k] / (cells[0] + cells[1]) / (0.5 * seconds);
  y[NET_CV] = varying > 0 ? cv / varying : 0;
  y[NET_SYNCHRONY] = synchrony(self, a);
  y[NET_ACTIVE] = active / (double)w->cells;
  y[NET_FASTEST] = fastest;
  for (size_t i = 0; i < self->spikes; i++) {
    int there = i < a->spikes.count;
    y[NET_SPIKES + i] = there ? a->spikes.at[i].time : NAN;
    y[NET_SPIKES + self->spikes + i] = there ? a->spikes.at[i].cell : NAN;
  }
  return DMO_OK;
}

void network_judge(const network *self, double *y) {
  double *goal = y + NET_GOALS, *bound = y + NET_BOUNDS;
  int inhibited = self->wiring.excitatory < self->wiring.cells;
  goal[0] = fabs(y[NET_RATE_E] - self->target_rate[0]);
  goal[1] = inhibited ? fabs(y[NET_RATE_I] - self->target_rate[1]) : 0 * y[NET_RATE_I]; /* NaN in, NaN out */
  goal[2] = fabs(y[NET_CV] - self->target_cv);
  goal[3] = y[NET_SYNCHRONY];
  bound[0] = y[NET_ACTIVE];
  bound[1] = y[NET_FASTEST];
  bound[2] = y[NET_EARLY] == 0 ? 0 * y[NET_LATE] : y[NET_LATE] / y[NET_EARLY];
}
