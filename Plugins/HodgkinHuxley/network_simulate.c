#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "network.h"

/* Sums of potentials in units of 2^-44 mV, as fine as a double there: whole numbers add up to the same in any order, so
 * on any number of ranks. */
__extension__ typedef __int128 whole_sum;
static const double whole_scale = 0x1p44;

/* Everything a run needs beside its activity.  Blocks run alone for `window` steps, the longest time in which no cell
 * can hear of another's spike; what a spike of step i of a window causes arrives in step i of the next one.  So the
 * ranks of a group, each with a run of neighbouring blocks, meet once a window only, to tell each other their spikes;
 * all take them in the order of cells, so that every sum has the same order, and the same bits, as on one rank. */
typedef struct run {
  const network *net;
  size_t blocks, window;
  size_t first, last;       /* blocks of this rank: first ... last - 1       */
  spike_list heard;         /* spikes of the window, of this rank's cells    */
  whole_sum *population;    /* of all v at each sample, of this rank's cells */
  hh_block *block;
  hh_state *state;
  hh_synapses *synapses;
  hh_arrivals *arrivals[2]; /* [blocks][window]: of this window, of the next */
  double *v;                /* [window][HH_LANES]                            */
  double weight[2][2];      /* S/cm2, source kind, target kind               */
} run;

static void run_free(run *r) {
  free(r->heard.at), free(r->population), free(r->block), free(r->state), free(r->synapses), free(r->v);
  for (int i = 0; i < 2; i++) free(r->arrivals[i]);
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
  r->population = calloc(a->samples + 1, sizeof *r->population);
  return r->block && r->state && r->synapses && r->v && r->arrivals[0] && r->arrivals[1] && a->sum && a->sum_square &&
         a->population && r->population;
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

/* The first of the ascending targets [begin, end) that is not below `cell`. */
static size_t from_cell(const uint32_t *target, size_t begin, size_t end, size_t cell) {
  while (begin < end) {
    size_t middle = begin + (end - begin) / 2;
    if (target[middle] < cell) begin = middle + 1;
    else end = middle;
  }
  return begin;
}

/* Adds a spike to the arrivals of its targets on this rank. */
static void deliver(run *r, spike s) {
  const wiring *w = &r->net->wiring;
  size_t low = r->first * HH_LANES, high = r->last * HH_LANES;
  int kind = s.cell >= w->excitatory;
  double ratio = r->net->dt / r->net->physics.tau[kind], during = 1, after = exp(-ratio);
  if (r->net->integrator == HH_MULTISTEP) {
    during = -expm1(-(1 - s.fraction) * ratio) / ratio; /* mean over the step                */
    after = exp(-(1.5 - s.fraction) * ratio);           /* value at the middle of the next   */
  }
  for (int to = 0; to < 2; to++) {
    size_t begin = to ? w->split[s.cell] : w->first[s.cell], end = to ? w->first[s.cell + 1] : w->split[s.cell];
    double now = r->weight[kind][to] * during, then = r->weight[kind][to] * after;
    for (size_t i = from_cell(w->target, begin, end, low); i < end && w->target[i] < high; i++) {
      hh_arrivals *a = &r->arrivals[1][(w->target[i] / HH_LANES) * r->window + s.slot];
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
static int scan(run *r, size_t b, const double *start, size_t done, size_t steps) {
  for (size_t lane = 0; lane < HH_LANES; lane++) {
    uint32_t cell = (uint32_t)(b * HH_LANES + lane);
    if (cell >= r->net->wiring.cells) break;
    double before = start[lane];
    for (size_t i = 0; i < steps; i++) {
      double after = r->v[i * HH_LANES + lane];
      if (before <= hh_threshold && after > hh_threshold) {
        double time = hh_spike_time(r->net->integrator, before, after, done + i + 1, r->net->dt);
        spike s = {.time = time, .fraction = time / r->net->dt - (double)(done + i), .cell = cell, .slot = (uint32_t)i};
        if (!keep(&r->heard, s)) return 0;
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
      a->sum[cell] += v, a->sum_square[cell] += v * v, r->population[index] += llrint(v * whole_scale);
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
  return !passed || scan(r, b, start, done, steps);
}

/* Tells all ranks the window's spikes and how this one fares, and delivers theirs.  A rank in trouble sends a single
 * byte, its status, which no list of spikes has for a length.  Returns what all ranks agree on; what goes wrong in
 * delivering is told at the next meeting, in `status`. */
static dmo_status meet(run *r, activity *a, dmo_status *status) {
  const dmo_mpi *mpi = r->net->mpi;
  const spike *heard = r->heard.at;
  size_t count = r->heard.count;
  if (mpi) {
    unsigned char trouble = (unsigned char)*status;
    int is_fine = *status == DMO_OK;
    size_t counts[mpi->size], total = 0;
    const unsigned char *all = mpi->all_gather(mpi, is_fine && count ? (const void *)heard : &trouble,
                                               is_fine ? count * sizeof *heard : 1, counts);
    if (!all) return DMO_FAILED;
    for (int32_t k = 0; k < mpi->size; k++) {
      if (counts[k] == 1) return all[total];
      total += counts[k];
    }
    heard = (const spike *)(const void *)all, count = total / sizeof *heard;
  } else if (*status != DMO_OK) {
    return *status;
  }
  for (size_t i = 0; i < count; i++) {
    if (!keep(&a->spikes, heard[i])) *status = DMO_FAILED;
    deliver(r, heard[i]);
  }
  r->heard.count = 0;
  return DMO_OK;
}

/* Puts the sums of all ranks together. */
static dmo_status combine(run *r, activity *a) {
  const dmo_mpi *mpi = r->net->mpi;
  size_t ranks = mpi ? (size_t)mpi->size : 1, counts[ranks], first = r->first * HH_LANES;
  size_t own = (r->last - r->first) * HH_LANES;
  for (int k = 0; k < 2 && mpi; k++) {
    double *sum = k ? a->sum_square : a->sum;
    const void *all = mpi->all_gather(mpi, sum + first, own * sizeof *sum, counts);
    if (!all) return DMO_FAILED;
    memcpy(sum, all, r->blocks * HH_LANES * sizeof *sum);
  }
  const whole_sum *all = r->population;
  if (mpi) all = mpi->all_gather(mpi, r->population, a->samples * sizeof *all, counts);
  if (!all) return DMO_FAILED;
  for (size_t i = 0; i < a->samples; i++) {
    whole_sum sum = 0;
    for (size_t k = 0; k < ranks; k++) sum += all[k * a->samples + i];
    a->population[i] = (double)sum / whole_scale;
  }
  return DMO_OK;
}

/* All windows, one after the other. */
static dmo_status run_windows(run *r, activity *a, const dmo_call *call, dmo_status status) {
  const network *net = r->net;
  size_t onset = (size_t)lround(net->physics.onset / net->dt);
  for (size_t done = 0; done < net->steps;) {
    size_t steps = net->steps - done < r->window ? net->steps - done : r->window;
    size_t quiet = done >= onset ? 0 : onset - done < steps ? onset - done : steps;
    for (size_t b = r->first; b < r->last && status == DMO_OK; b++) {
      if (!advance_block(r, a, b, done, steps, quiet)) status = DMO_FAILED;
    }
    if (status == DMO_OK && hh_cancelled(call)) status = DMO_CANCELLED;
    dmo_status agreed = meet(r, a, &status);
    if (agreed != DMO_OK) return agreed;
    hh_arrivals *next = r->arrivals[1];
    r->arrivals[1] = r->arrivals[0], r->arrivals[0] = next;
    done += steps;
    if (call->progress) call->progress(call, (double)done / (double)net->steps);
  }
  dmo_status agreed = meet(r, a, &status);
  return agreed == DMO_OK ? combine(r, a) : agreed;
}

dmo_status network_simulate(const network *self, const dmo_call *call, activity *a) {
  run r = {.net = self, .blocks = (self->wiring.cells + HH_LANES - 1) / HH_LANES};
  size_t rank = self->mpi ? (size_t)self->mpi->rank : 0, size = self->mpi ? (size_t)self->mpi->size : 1;
  r.first = r.blocks * rank / size, r.last = r.blocks * (rank + 1) / size;
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
  status = run_windows(&r, a, call, status);
  run_free(&r);
  if (a->spikes.count) qsort(a->spikes.at, a->spikes.count, sizeof *a->spikes.at, by_time);
  return status;
}

void activity_free(activity *a) {
  free(a->spikes.at), free(a->sum), free(a->sum_square), free(a->population);
  *a = (activity){0};
}
