#include <array_file.h>
#include <math.h>
#include <stdlib.h>
#include "network.h"

/* SplitMix64 (Steele, Lea and Flood 2014): a full-period counter behind a mixing function. */
static double uniform(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (double)((z ^ z >> 31) >> 11) * 0x1p-53;
}

static int allocate(wiring *w) {
  w->first = calloc(w->cells + 1, sizeof *w->first), w->split = calloc(w->cells, sizeof *w->split);
  w->drive = calloc(w->cells, sizeof *w->drive), w->v_start = calloc(w->cells, sizeof *w->v_start);
  return w->first && w->split && w->drive && w->v_start;
}

/* Room for `count` targets, with what is there. */
static int reserve(wiring *w, size_t *capacity, size_t count) {
  if (count <= *capacity) return 1;
  size_t larger = *capacity ? 2 * *capacity : 1024;
  uint32_t *target = realloc(w->target, larger * sizeof *target);
  if (!target) return 0;
  w->target = target, *capacity = larger;
  return 1;
}

int wiring_random(wiring *w, size_t cells, double share_e, const double probability[2], double spread, uint64_t seed) {
  *w = (wiring){.cells = cells, .excitatory = (size_t)lround(share_e * (double)cells)};
  if (!allocate(w)) return 0;
  uint64_t state = seed;
  for (size_t i = 0; i < cells; i++) {
    w->drive[i] = 1 + spread * (2 * uniform(&state) - 1);
    w->v_start[i] = hh_v_start + 10 * (uniform(&state) - 0.5); /* equal starts would be synchrony */
  }
  size_t count = 0, capacity = 0;
  for (size_t i = 0; i < cells; i++) {
    double p = probability[i >= w->excitatory];
    w->first[i] = count;
    int split = 0;
    /* The gaps between the successes of independent draws are geometric, so the work is that of the synapses. */
    for (double j = -1; p > 0;) {
      j += 1 + (p < 1 ? floor(log1p(-uniform(&state)) / log1p(-p)) : 0);
      if (!(j < (double)cells)) break;
      size_t target = (size_t)j;
      if (target == i) continue;
      if (!split && target >= w->excitatory) w->split[i] = count, split = 1;
      if (!reserve(w, &capacity, count + 1)) return 0;
      w->target[count++] = (uint32_t)target;
    }
    if (!split) w->split[i] = count;
  }
  w->first[cells] = count;
  return 1;
}

void wiring_free(wiring *w) {
  free(w->first), free(w->split), free(w->target), free(w->drive), free(w->v_start);
  *w = (wiring){0};
}

/* Sorts the pairs (source, target) into w; both below w->cells, or 0. */
static int sort_pairs(wiring *w, const double *pairs, size_t count) {
  for (size_t i = 0; i < 2 * count; i++) {
    if (!(pairs[i] >= 0 && pairs[i] < (double)w->cells && pairs[i] == floor(pairs[i]))) return 0;
  }
  w->target = malloc((count ? count : 1) * sizeof *w->target);
  if (!w->target) return 0;
  for (size_t i = 0; i < count; i++) w->first[(size_t)pairs[2 * i] + 1]++;
  for (size_t i = 0; i < w->cells; i++) w->first[i + 1] += w->first[i];
  for (size_t i = 0; i < w->cells; i++) w->split[i] = w->first[i]; /* fills up to the end: no cell inhibits */
  for (size_t i = 0; i < count; i++) w->target[w->split[(size_t)pairs[2 * i]]++] = (uint32_t)pairs[2 * i + 1];
  return 1;
}

/* Keys of a network's file. */
enum { AMPS, CONNECTIONS, WEIGHT, DELAY, TAU, REVERSAL, STEP, DURATION, LENGTH, DIAMETER, C_M, G_NA, G_K, G_L, E_L,
       E_NA, E_K, CELSIUS, V_INIT, ONSET, KEYS, META = LENGTH };
static const char *const keys[KEYS] = {
  "amps_nA", "connections", "weight_uS", "delay_ms", "tau_ms", "e_mV", "dt_ms", "tstop_ms", "L_um", "diam_um", "cm",
  "gnabar", "gkbar", "gl", "el", "ena", "ek", "celsius", "v_init", "clamp_delay_ms"};

static void take_physics(network *self, const array_want *file) {
  network_physics *p = &self->physics;
  double *const given[KEYS] = {
    [DELAY] = &p->delay, [TAU] = &p->tau[0], [REVERSAL] = &p->reversal[0], [C_M] = &p->c_m, [G_NA] = &p->g_na,
    [G_K] = &p->g_k, [G_L] = &p->g_l, [E_L] = &p->e_l, [E_NA] = &p->e_na, [E_K] = &p->e_k, [CELSIUS] = &p->celsius,
    [ONSET] = &p->onset};
  for (int k = 0; k < KEYS; k++) {
    if (given[k]) *given[k] = array_number(&file[k], *given[k]);
  }
  p->area = 3.141592653589793 * array_number(&file[LENGTH], 20) * array_number(&file[DIAMETER], 20);
  self->file_weight = array_number(&file[WEIGHT], 0.001);
  if (self->dt == 0) self->dt = array_number(&file[STEP], 0);
  if (self->duration == 0) self->duration = array_number(&file[DURATION], 0);
  for (size_t i = 0; i < self->wiring.cells; i++) self->wiring.v_start[i] = array_number(&file[V_INIT], hh_v_start);
}

int network_read(network *self, const char *path, dmo_text error) {
  array_want file[KEYS];
  char text[512];
  for (int k = 0; k < KEYS; k++) {
    file[k] = (array_want){.key = keys[k], .inside = k >= META ? "meta" : NULL,
                           .flags = ARRAY_FINITE | (k > CONNECTIONS ? ARRAY_SINGLE : 0)};
  }
  if (array_file_read(path, file, KEYS, text, sizeof text)) return hh_say(error, "%s", text), 0;
  const number_array *amps = &file[AMPS].array, *pairs = &file[CONNECTIONS].array;
  wiring *w = &self->wiring;
  *w = (wiring){.cells = amps->count, .excitatory = amps->count};
  int rows = pairs->values && (pairs->count == 0 || (pairs->rank == 2 && pairs->shape[1] == 2));
  int ok = amps->rank == 1 && amps->count > 0 && rows && allocate(w) && sort_pairs(w, pairs->values, pairs->count / 2);
  if (ok) {
    for (size_t i = 0; i < w->cells; i++) w->drive[i] = amps->values[i];
    take_physics(self, file);
  } else {
    hh_say(error, "%s holds no network: it needs amps_nA, one number a cell, and connections, rows of (source, target) "
           "below their number", path);
  }
  array_file_free(file, KEYS);
  return ok;
}
