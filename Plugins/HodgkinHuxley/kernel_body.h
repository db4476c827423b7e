/* Bodies of kernel.h's loops; included once by each kernel_*.c, for its instruction set, width and table name. */
#include "lanes.h"

static const double log2_e = 1.4426950408889634;

/* Means over the step around the newest value, from it and the two before (staggered Adams-Bashforth, order 3). */
static const double mean0 = 25.0 / 24, mean1 = -2.0 / 24, mean2 = 1.0 / 24;

/* y / (e^y - 1) as number / divisor, given e^y; the quotient's series where it is 0 / 0. */
HH_INLINE void linoid(lanes y, lanes exp_y, lanes *number, lanes *divisor) {
  lane_mask small = (y < 1e-3) & (y > -1e-3); /* the next term of the series is y^4 / 720 < 2e-15 */
  *number = lanes_select(small, 1.0 - 0.5 * y + y * y * (1.0 / 12), y);
  *divisor = lanes_select(small, lanes_of(1.0), exp_y - 1.0);
}

/* A gate's opening rate alpha and total rate alpha + beta. */
typedef struct rate { lanes open, total; } rate;
typedef struct rates { rate m, h, n; } rates;

/* The rates of Hodgkin and Huxley 1952 (per ms at 6.3 degC, resting potential -65 mV, inside minus outside) times
 * `scale`.  Five of the six exponentials are powers of e^(-(v + 65) / 80). */
HH_INLINE rates rates_at(lanes v, lanes scale) {
  lanes u = lanes_exp2(v * (-log2_e / 80) - 65 * log2_e / 80);
  lanes slow = lanes_exp2(v * (-log2_e / 18) - 65 * log2_e / 18);
  lanes u2 = u * u, u4 = u2 * u2, u8 = u4 * u4, number, divisor;
  rates r;
  linoid(v * -0.1 - 4.0, u8 * 12.182493960703473 /* e^2.5 */, &number, &divisor);
  r.m.open = scale * number / divisor;
  r.m.total = r.m.open + 4.0 * scale * slow;
  r.h.open = 0.07 * scale * u4;
  r.h.total = r.h.open + scale / (u8 * 20.085536923187668 /* e^3 */ + 1.0);
  linoid(v * -0.1 - 5.5, u8 * 2.718281828459045 /* e */, &number, &divisor);
  r.n.open = 0.1 * scale * number / divisor;
  r.n.total = r.n.open + 0.125 * scale * u;
  return r;
}

/* y after a step of y' = open - total y, with rates in units of log2(e) / step. */
HH_INLINE lanes relax(lanes y, lanes open, lanes total) {
  lanes limit = open / total;
  return limit + (y - limit) * lanes_exp2(-total);
}

/* The same where the rates vary: `now` at the middle of the step, `last` and `prior` one and two steps before.
 *
 * The mean rates over the step take the place of the constant ones, and the first commutator of the Magnus expansion
 * accounts for their change: for derivatives from the three values it adds (1/24) (total (open_prior - 4 open_last) -
 * open (total_prior - 4 total_last)) to `open`.  Two limits keep large steps stable and do not change the order: the
 * commutator, right for step * total < 1, tends to half a step's change of the limit beyond (the divisor `damping`);
 * and where the rates fall so fast that their mean is less than half of `now`, that half stands in for it. */
HH_INLINE lanes relax_varying(lanes y, rate now, rate last, rate prior) {
  lanes total = lanes_max(mean0 * now.total + (mean1 * last.total + mean2 * prior.total), 0.5 * now.total);
  lanes open = mean0 * now.open + (mean1 * last.open + mean2 * prior.open);
  lanes twist = now.total * (prior.open - 4.0 * last.open) - now.open * (prior.total - 4.0 * last.total);
  lanes damping = 1.0 + now.total * (1 / (6 * log2_e));
  lanes limit = (open * damping + twist * (1 / (24 * log2_e))) / (total * damping);
  return limit + (y - limit) * lanes_exp2(-total);
}

/* A gate stays in 0 ... 1 whatever the step. */
HH_INLINE lanes gate_varying(lanes y, rate now, rate last, rate prior) {
  return lanes_min(lanes_max(relax_varying(y, now, last, prior), lanes_of(0)), lanes_of(1));
}

/* What the next step needs of a past one. */
typedef struct moment { rates gates; rate membrane; } moment;

HH_INLINE moment moment_load(const double past[HH_PAST][HH_LANES]) {
  return (moment){.gates = {.m = {LOAD(past[0]), LOAD(past[1])}, .h = {LOAD(past[2]), LOAD(past[3])},
                            .n = {LOAD(past[4]), LOAD(past[5])}},
                  .membrane = {LOAD(past[6]), LOAD(past[7])}};
}

HH_INLINE void moment_store(double past[HH_PAST][HH_LANES], moment x) {
  STORE(past[0], x.gates.m.open), STORE(past[1], x.gates.m.total);
  STORE(past[2], x.gates.h.open), STORE(past[3], x.gates.h.total);
  STORE(past[4], x.gates.n.open), STORE(past[5], x.gates.n.total);
  STORE(past[6], x.membrane.open), STORE(past[7], x.membrane.total);
}

/* A block's constants in units where a step of the membrane takes 1 (Euler) or log2(e) (multistep). */
typedef struct membrane { lanes g_na, g_k; rate fixed; double e_na, e_k; } membrane;

HH_INLINE membrane membrane_of(const hh_block *b, int multistep) {
  lanes unit = (multistep ? log2_e : 1.0) / LOAD(b->capacity), g_l = LOAD(b->g_l) * unit;
  return (membrane){.g_na = LOAD(b->g_na) * unit, .g_k = LOAD(b->g_k) * unit, .e_na = b->e_na, .e_k = b->e_k,
                    .fixed = {.open = g_l * LOAD(b->e_l) + LOAD(b->current) * unit, .total = g_l}};
}

HH_INLINE rate gated(const membrane *c, lanes m, lanes h, lanes n) {
  lanes n2 = n * n, na = m * m * (m * (h * c->g_na)), k = n2 * (n2 * c->g_k);
  return (rate){.open = na * c->e_na + k * c->e_k, .total = na + k};
}

HH_INLINE rate sum_of(rate a, rate b) { return (rate){a.open + b.open, a.total + b.total}; }

/* The synapses' part of a step, and their state after it. */
HH_INLINE rate synaptic(const hh_synapses *syn, hh_arrivals *a, lanes unit, lanes g[2]) {
  rate sum = {lanes_of(0), lanes_of(0)};
  for (int t = 0; t < 2; t++) {
    lanes now = (g[t] + LOAD(a->during[t])) * unit;
    sum = sum_of(sum, (rate){now * syn->reversal[t], now});
    g[t] = g[t] * syn->decay[t] + LOAD(a->after[t]);
    STORE(a->during[t], lanes_of(0)), STORE(a->after[t], lanes_of(0));
  }
  return sum;
}

HH_INLINE int run(const hh_block *b, hh_state *s, hh_synapses *syn, hh_arrivals *arrivals, int multistep,
                  size_t steps, double *v_out) {
  const membrane cell = membrane_of(b, multistep);
  const lanes scale = LOAD(b->rate_step) * log2_e, unit = (multistep ? log2_e : 1.0) / LOAD(b->capacity);
  const double threshold = b->threshold;
  lanes v = LOAD(s->v), m = LOAD(s->m), h = LOAD(s->h), n = LOAD(s->n), g_syn[2] = {lanes_of(0), lanes_of(0)};
  moment last = moment_load(s->past[0]), prior = moment_load(s->past[1]);
  lane_mask passed = {0};
  for (int t = 0; syn && t < 2; t++) g_syn[t] = LOAD(syn->g[t]);
  for (size_t i = 0; i < steps; i++) {
    lanes before = v;
    rate now = gated(&cell, m, h, n), fixed = cell.fixed;
    if (syn) fixed = sum_of(fixed, synaptic(syn, &arrivals[i], unit, g_syn));
    rate all = sum_of(now, fixed);
    if (multistep) v = relax_varying(v, all, sum_of(last.membrane, fixed), sum_of(prior.membrane, fixed));
    else v = (v + all.open) / (1.0 + all.total);
    rates r = rates_at(v, scale);
    if (multistep) {
      m = gate_varying(m, r.m, last.gates.m, prior.gates.m);
      h = gate_varying(h, r.h, last.gates.h, prior.gates.h);
      n = gate_varying(n, r.n, last.gates.n, prior.gates.n);
      prior = last;
      last = (moment){.gates = r, .membrane = now};
    } else {
      m = relax(m, r.m.open, r.m.total);
      h = relax(h, r.h.open, r.h.total);
      n = relax(n, r.n.open, r.n.total);
    }
    STORE(v_out + i * HH_WIDTH, v);
    passed |= (before <= threshold) & (v > threshold);
  }
  STORE(s->v, v), STORE(s->m, m), STORE(s->h, h), STORE(s->n, n);
  moment_store(s->past[0], last), moment_store(s->past[1], prior);
  for (int t = 0; syn && t < 2; t++) STORE(syn->g[t], g_syn[t]);
  return lanes_any(passed);
}

static void settle(const hh_block *b, hh_state *s, hh_integrator integrator) {
  int multistep = integrator == HH_MULTISTEP;
  membrane cell = membrane_of(b, multistep);
  rates r = rates_at(LOAD(s->v), LOAD(b->rate_step) * log2_e);
  lanes m = r.m.open / r.m.total, h = r.h.open / r.h.total, n = r.n.open / r.n.total;
  STORE(s->m, m), STORE(s->h, h), STORE(s->n, n);
  moment rest = {.gates = r, .membrane = gated(&cell, m, h, n)};
  moment_store(s->past[0], rest), moment_store(s->past[1], rest);
}

/* Each case is its own loop: the conditions on synapses and integrator are constants in it. */
static int advance(const hh_block *b, hh_state *s, hh_synapses *syn, hh_arrivals *arrivals, hh_integrator integrator,
                   size_t steps, double *v_out) {
  if (integrator == HH_MULTISTEP) {
    return syn ? run(b, s, syn, arrivals, 1, steps, v_out) : run(b, s, NULL, NULL, 1, steps, v_out);
  }
  return syn ? run(b, s, syn, arrivals, 0, steps, v_out) : run(b, s, NULL, NULL, 0, steps, v_out);
}

#include "motoneuron_kernel.h"

const hh_kernels HH_TABLE = {.name = HH_TABLE_NAME, .width = HH_WIDTH, .settle = settle, .advance = advance,
                             .mn_settle = mn_settle, .mn_advance = mn_advance};
