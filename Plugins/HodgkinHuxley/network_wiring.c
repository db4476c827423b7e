#include <math.h>
#include <stdlib.h>
#include "json.h"
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

static void read_physics(network *self, const json_node *root) {
  const json_node *meta = json_find(root, "meta");
  network_physics *p = &self->physics;
  double length = json_number(meta, "L_um", 20), diameter = json_number(meta, "diam_um", 20);
  p->area = 3.141592653589793 * length * diameter;
  p->g_na = json_number(meta, "gnabar", p->g_na), p->g_k = json_number(meta, "gkbar", p->g_k);
  p->g_l = json_number(meta, "gl", p->g_l), p->e_l = json_number(meta, "el", p->e_l);
  p->e_na = json_number(meta, "ena", p->e_na), p->e_k = json_number(meta, "ek", p->e_k);
  p->c_m = json_number(meta, "cm", p->c_m), p->celsius = json_number(meta, "celsius", p->celsius);
  p->onset = json_number(meta, "clamp_delay_ms", p->onset);
  p->delay = json_number(root, "delay_ms", p->delay);
  p->tau[0] = json_number(root, "tau_ms", p->tau[0]), p->reversal[0] = json_number(root, "e_mV", p->reversal[0]);
  self->file_weight = json_number(root, "weight_uS", 0.001);
  if (self->dt == 0) self->dt = json_number(root, "dt_ms", 0);
  if (self->duration == 0) self->duration = json_number(root, "tstop_ms", 0);
  for (size_t i = 0; i < self->wiring.cells; i++) self->wiring.v_start[i] = json_number(meta, "v_init", hh_v_start);
}

int network_read(network *self, const char *path, dmo_text error) {
  json_document document;
  char text[512];
  if (!json_read(path, &document, text, sizeof text)) return hh_say(error, "%s", text), 0;
  size_t cells = 0, numbers = 0;
  double *amps = json_numbers(json_find(document.nodes, "amps_nA"), &cells);
  double *pairs = json_numbers(json_find(document.nodes, "connections"), &numbers);
  wiring *w = &self->wiring;
  *w = (wiring){.cells = cells, .excitatory = cells};
  int ok = amps && pairs && cells > 0 && numbers % 2 == 0 && allocate(w) && sort_pairs(w, pairs, numbers / 2);
  if (ok) {
    for (size_t i = 0; i < cells; i++) w->drive[i] = amps[i];
    read_physics(self, document.nodes);
  } else {
    hh_say(error, "%s holds no network: it needs amps_nA, one number a cell, and connections, rows of (source, target) "
           "below their number", path);
  }
  free(amps), free(pairs), json_free(&document);
  return ok;
}
