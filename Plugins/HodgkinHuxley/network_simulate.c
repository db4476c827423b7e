#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "network.h"

/* Everything a run needs beside its activity.  Blocks run alone for `window` steps, the longest time in which no cell
 * can hear of another's spike; what a spike of step i of a window causes arrives in step i of the next one. */
typedef struct run {
  const network *net;
  size_t blocks, window;
  hh_block *block;
  hh_state *state;
  hh_synapses *synapses;
  hh_arrivals *arrivals[2]; /* [blocks][window]: of this window, of the next */
  double *v;                /* [window][HH_LANES]                            */
  double weight[2][2];      /* S/cm2, source kind, target kind               */
} run;

static void run_free(run *r) {
  free(r->block), free(r->state), free(r->synapses), free(r->arrivals[0]), free(r->arrivals[1]), free(r->v);
}

static int run_allocate(run *r, activity *a) {
  const network *net = r->net;
  size_t n = r->blocks;
  a->sample_every = (size_t)fmax(1, round(0.5 / net->dt));
  a->samples = net->steps / a->sample_every;
  a->first_sample = (size_t)(net->transient / net->dt) / a->sample_every;
  r->block = calloc(n, sizeof *r->block), r->state = calloc(n, sizeof *r->state);
  r->synapses = calloc(n, sizeof *r->synapses), r->v = calloc(r->window * HH_LANES, sizeof *r->v);
  for (int i = 0; i < 2; i++) r->arrivals[i] = calloc(n * r->window, sizeof *r->arrivals[i]);
  a->sum = calloc(n * HH_LANES, sizeof *a->sum), a->sum_square = calloc(n * HH_LANES, sizeof *a->sum_square);
  a->population = calloc(a->samples + 1, sizeof *a->population);
  return r->block && r->state && r->synapses && r->v && r->arrivals[0] && r->arrivals[1] && a->sum && a->sum_square &&
         a->population;
}

static void set_cells(run *r) {
  const network_physics *p = &r->net->physics;
  const wiring *w = &r->net->wiring;
  for (size_t b = 0; b < r->blocks; b++) {
    hh_block *block = &r->block[b];
    *block = (hh_block){.e_na = p->e_na, .e_k = p->e_k, .threshold = hh_threshold};
    r->synapses[b] = (hh_synapses){.reversal = {p->reversal[0], p->reversal[1]},
                                   .decay = {exp(-r->net->dt / p->tau[0]), exp(-r->net->dt / p->tau[1])}};
    for (size_t i = 0; i < HH_LANES; i++) {
      size_t cell = b * HH_LANES + i;
      block->g_na[i] = p->g_na, block->g_k[i] = p->g_k, block->g_l[i] = p->g_l, block->e_l[i] = p->e_l;
      block->capacity[i] = 1e-3 * p->c_m / r->net->dt;
      block->rate_step[i] = r->net->dt * hh_rate_factor(p->celsius);
      r->state[b].v[i] = cell < w->cells ? w->v_start[cell] : hh_v_start;
    }
    r->net->kernels->settle(block, &r->state[b], r->net->integrator);
  }
}

/* The clamp currents; idle lanes of the last block get none. */
static void set_currents(run *r, const double drive[2]) {
  const wiring *w = &r->net->wiring;
  for (size_t cell = 0; cell < w->cells; cell++) {
    double current = w->drive[cell] * drive[cell >= w->excitatory];
    r->block[cell / HH_LANES].current[cell % HH_LANES] = current * 100 / r->net->physics.area;
  }
}

static void set_weights(run *r, const double *x) {
  const network *net = r->net;
  for (int from = 0; from < 2; from++) {
    for (int to = 0; to < 2; to++) {
      double siemens = net->from_file ? x[0] : x[2 * from + to] / net->degree[from];
      r->weight[from][to] = siemens * 100 / net->physics.area; /* uS over um2 to S/cm2 */
    }
  }
}

/* Adds a spike to the arrivals of its targets.  `fraction`: its place within step `slot`, 0 for the Euler scheme. */
static void deliver(run *r, uint32_t cell, size_t slot, double fraction) {
  const wiring *w = &r->net->wiring;
  int kind = cell >= w->excitatory;
  double ratio = r->net->dt / r->net->physics.tau[kind], during = 1, after = exp(-ratio);
  if (r->net->integrator == HH_MULTISTEP) {
    during = -expm1(-(1 - fraction) * ratio) / ratio; /* mean over the step                */
    after = exp(-(1.5 - fraction) * ratio);           /* value at the middle of the next   */
  }
  for (int to = 0; to < 2; to++) {
    size_t begin = to ? w->split[cell] : w->first[cell], end = to ? w->first[cell + 1] : w->split[cell];
    double now = r->weight[kind][to] * during, then = r->weight[kind][to] * after;
    for (size_t i = begin; i < end; i++) {
      hh_arrivals *a = &r->arrivals[1][(w->target[i] / HH_LANES) * r->window + slot];
      a->during[kind][w->target[i] % HH_LANES] += now;
      a->after[kind][w->target[i] % HH_LANES] += then;
    }
  }
}

static int keep(spike_list *list, spike s) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 4096;
    spike *at = realloc(list->at, capacity * sizeof *at);
    if (!at) return 0;
    list->at = at, list->capacity = capacity;
  }
  list->at[list->count++] = s;
  return 1;
}

/* Finds the spikes of block b in r->v, whose first row is v after step `done`. */
static int scan(run *r, activity *a, size_t b, const double *start, size_t done, size_t steps) {
  for (size_t lane = 0; lane < HH_LANES; lane++) {
    uint32_t cell = (uint32_t)(b * HH_LANES + lane);
    if (cell >= r->net->wiring.cells) break;
    double before = start[lane];
    for (size_t i = 0; i < steps; i++) {
      double after = r->v[i * HH_LANES + lane];
      if (before <= hh_threshold && after > hh_threshold) {
        double time = hh_spike_time(r->net->integrator, before, after, done + i + 1, r->net->dt);
        if (!keep(&a->spikes, (spike){time, cell})) return 0;
        deliver(r, cell, i, time / r->net->dt - (double)(done + i));
      }
      before = after;
    }
  }
  return 1;
}

static void sample(run *r, activity *a, size_t b, size_t done, size_t steps) {
  size_t first = a->sample_every - 1 - done % a->sample_every; /* row of the next multiple of sample_every */
  for (size_t i = first; i < steps; i += a->sample_every) {
    size_t index = (done + i + 1) / a->sample_every - 1;
    if (index < a->first_sample) continue;
    for (size_t lane = 0; lane < HH_LANES; lane++) {
      size_t cell = b * HH_LANES + lane;
      if (cell >= r->net->wiring.cells) break;
      double v = r->v[i * HH_LANES + lane];
      a->sum[cell] += v, a->sum_square[cell] += v * v, a->population[index] += v;
    }
  }
}

static int by_time(const void *a, const void *b) {
  const spike *s = a, *t = b;
  if (s->time != t->time) return s->time < t->time ? -1 : 1;
  return s->cell < t->cell ? -1 : s->cell > t->cell;
}

/* Advances block b through a window; the clamp is silent in its first `quiet` steps. */
static int advance_block(run *r, activity *a, size_t b, size_t done, size_t steps, size_t quiet) {
  const network *net = r->net;
  hh_arrivals *arrivals = r->arrivals[0] + b * r->window;
  double start[HH_LANES];
  memcpy(start, r->state[b].v, sizeof start);
  int passed = 0;
  if (quiet) {
    hh_block still = r->block[b];
    memset(still.current, 0, sizeof still.current);
    passed = net->kernels->advance(&still, &r->state[b], &r->synapses[b], arrivals, net->integrator, quiet, r->v);
  }
  passed |= net->kernels->advance(&r->block[b], &r->state[b], &r->synapses[b], arrivals + quiet, net->integrator,
                                  steps - quiet, r->v + quiet * HH_LANES);
  sample(r, a, b, done, steps);
  return !passed || scan(r, a, b, start, done, steps);
}

dmo_status network_simulate(const network *self, const dmo_call *call, activity *a) {
  run r = {.net = self, .blocks = (self->wiring.cells + HH_LANES - 1) / HH_LANES};
  /* A step of the Euler scheme hears of a spike one step later: at the start of the next. */
  r.window = self->delay_steps + (self->integrator == HH_STAGGERED_EULER);
  *a = (activity){0};
  dmo_status status = run_allocate(&r, a) ? DMO_OK : DMO_FAILED;
  if (status == DMO_OK) {
    set_cells(&r);
    set_weights(&r, call->x);
    const double *drive = call->x + (self->from_file ? 1 : 4);
    set_currents(&r, (const double[2]){drive[0], drive[self->from_file ? 0 : 1]});
  }
  size_t onset = (size_t)lround(self->physics.onset / self->dt);
  for (size_t done = 0; done < self->steps && status == DMO_OK;) {
    size_t steps = self->steps - done < r.window ? self->steps - done : r.window;
    size_t quiet = done >= onset ? 0 : onset - done < steps ? onset - done : steps;
    for (size_t b = 0; b < r.blocks && status == DMO_OK; b++) {
      if (!advance_block(&r, a, b, done, steps, quiet)) status = DMO_FAILED;
    }
    hh_arrivals *next = r.arrivals[1];
    r.arrivals[1] = r.arrivals[0], r.arrivals[0] = next;
    done += steps;
    if (status == DMO_OK && hh_cancelled(call)) status = DMO_CANCELLED;
    if (call->progress) call->progress(call, (double)done / (double)self->steps);
  }
  run_free(&r);
  if (a->spikes.count) qsort(a->spikes.at, a->spikes.count, sizeof *a->spikes.at, by_time);
  return status;
}

void activity_free(activity *a) {
  free(a->spikes.at), free(a->sum), free(a->sum_square), free(a->population);
  *a = (activity){0};
}
