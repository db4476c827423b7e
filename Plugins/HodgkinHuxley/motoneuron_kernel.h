/* The loop of the two-compartment motoneuron (Booth, Rinzel and Kiehn 1997); included once by each kernel_*.c.
 *
 * Gates and calcium live at half steps, both voltages at whole ones; each relaxes exactly with the others frozen at the
 * middle of its step.  The instantaneous sodium activation and the other compartment's voltage are extrapolated there
 * first, then, in a second pass, taken from the mean of the step's ends: second order. */

/* 1 / (1 + e^((v - middle) / slope)) for a given 1 / slope in units of log2(e). */
HH_INLINE lanes boltzmann(lanes v, double middle, double slope) {
  return 1.0 / (1.0 + lanes_exp2((v - middle) * (log2_e / slope)));
}

typedef struct mn_gates { lanes h, n, mn_s, hn_s, mn_d, hn_d, ml, ca_s, ca_d; } mn_gates;

/* What the calcium channels conduct, mS/cm2. */
typedef struct mn_calcium { lanes soma, dendrite; } mn_calcium;

HH_INLINE mn_calcium calcium_of(const mn_block *b, mn_gates g) {
  return (mn_calcium){LOAD(b->g_can_s) * (g.mn_s * g.mn_s * g.hn_s),
                      LOAD(b->g_can_d) * (g.mn_d * g.mn_d * g.hn_d) + LOAD(b->g_cal) * g.ml};
}

/* Gates after a whole step with the voltages of its middle; calcium follows with the mean channel conductance. */
HH_INLINE mn_gates gates_after(const mn_block *b, mn_gates g, lanes vs, lanes vd) {
  mn_calcium before = calcium_of(b, g);
  const double dt = b->dt;
  lanes h_rate = (lanes_exp2((vs + 50.0) * (log2_e / 15)) + lanes_exp2((vs + 50.0) * (-log2_e / 16))) * (1.0 / 30);
  lanes n_rate = (lanes_exp2((vs + 40.0) * (log2_e / 40)) + lanes_exp2((vs + 40.0) * (-log2_e / 50))) * (1.0 / 7);
  lanes h_limit = boltzmann(vs, -55, 7), n_limit = boltzmann(vs, -28, -15);
  g.h = h_limit + (g.h - h_limit) * lanes_exp2(h_rate * (-log2_e * dt));
  g.n = n_limit + (g.n - n_limit) * lanes_exp2(n_rate * (-log2_e * dt));
  lanes limit = boltzmann(vs, -30, -5);
  g.mn_s = limit + (g.mn_s - limit) * b->decay_4ms;
  limit = boltzmann(vs, -45, 5), g.hn_s = limit + (g.hn_s - limit) * b->decay_40ms;
  limit = boltzmann(vd, -30, -5), g.mn_d = limit + (g.mn_d - limit) * b->decay_4ms;
  limit = boltzmann(vd, -45, 5), g.hn_d = limit + (g.hn_d - limit) * b->decay_40ms;
  limit = boltzmann(vd, -40, -7), g.ml = limit + (g.ml - limit) * b->decay_40ms;
  mn_calcium after = calcium_of(b, g);
  lanes decay = LOAD(b->calcium_decay);
  lanes rest_s = 0.5 * (before.soma + after.soma) * (MN_E_CA - vs) * (MN_ALPHA / MN_K_CA);
  lanes rest_d = 0.5 * (before.dendrite + after.dendrite) * (MN_E_CA - vd) * (MN_ALPHA / MN_K_CA);
  g.ca_s = rest_s + (g.ca_s - rest_s) * decay;
  g.ca_d = rest_d + (g.ca_d - rest_d) * decay;
  return g;
}

HH_INLINE mn_gates mn_load(const mn_state *s) {
  return (mn_gates){LOAD(s->h), LOAD(s->n), LOAD(s->mn_s), LOAD(s->hn_s), LOAD(s->mn_d), LOAD(s->hn_d), LOAD(s->ml),
                    LOAD(s->ca_s), LOAD(s->ca_d)};
}

HH_INLINE void mn_store(mn_state *s, mn_gates g) {
  STORE(s->h, g.h), STORE(s->n, g.n), STORE(s->mn_s, g.mn_s), STORE(s->hn_s, g.hn_s), STORE(s->mn_d, g.mn_d);
  STORE(s->hn_d, g.hn_d), STORE(s->ml, g.ml), STORE(s->ca_s, g.ca_s), STORE(s->ca_d, g.ca_d);
}

static void mn_settle(const mn_block *b, mn_state *s) {
  lanes vs = LOAD(s->vs), vd = LOAD(s->vd);
  mn_gates g = {.h = boltzmann(vs, -55, 7), .n = boltzmann(vs, -28, -15), .mn_s = boltzmann(vs, -30, -5),
                .hn_s = boltzmann(vs, -45, 5), .mn_d = boltzmann(vd, -30, -5), .hn_d = boltzmann(vd, -45, 5),
                .ml = boltzmann(vd, -40, -7)};
  mn_calcium open = calcium_of(b, g);
  g.ca_s = open.soma * (MN_E_CA - vs) * (MN_ALPHA / MN_K_CA);
  g.ca_d = open.dendrite * (MN_E_CA - vd) * (MN_ALPHA / MN_K_CA);
  mn_store(s, g);
  STORE(s->vs_before, vs), STORE(s->vd_before, vd), STORE(s->inward, lanes_of(0));
}

/* A block's constants as registers. */
typedef struct mn_cell { lanes g_na, g_kdr, g_kca_s, g_kca_d, g_l, to_soma, to_dendrite, current, step; } mn_cell;

/* Both voltages after a step, given an estimate of them at its middle; `inward` is the Na and Ca current there. */
HH_INLINE void voltages_after(const mn_cell *c, mn_calcium ca, mn_gates g, lanes vs_middle, lanes vd_middle, lanes *vs,
                              lanes *vd, lanes *inward) {
  lanes m = boltzmann(vs_middle, -35, -7.8), n2 = g.n * g.n;
  lanes na = c->g_na * (m * m * m * g.h), k = c->g_kdr * (n2 * n2) + c->g_kca_s * (g.ca_s / (g.ca_s + MN_K_D));
  lanes total = na + k + ca.soma + c->g_l + c->to_soma;
  lanes drive = na * MN_E_NA + k * MN_E_K + ca.soma * MN_E_CA + c->g_l * MN_E_L + c->to_soma * vd_middle + c->current;
  lanes k_d = c->g_kca_d * (g.ca_d / (g.ca_d + MN_K_D));
  lanes total_d = k_d + ca.dendrite + c->g_l + c->to_dendrite;
  lanes drive_d = k_d * MN_E_K + ca.dendrite * MN_E_CA + c->g_l * MN_E_L + c->to_dendrite * vs_middle;
  *inward = na * (MN_E_NA - vs_middle) + ca.soma * (MN_E_CA - vs_middle);
  *vs = relax(*vs, drive * c->step, total * c->step);
  *vd = relax(*vd, drive_d * c->step, total_d * c->step);
}

static int mn_advance(const mn_block *b, mn_state *s, size_t steps, double *v_out) {
  const mn_cell cell = {.g_na = LOAD(b->g_na), .g_kdr = LOAD(b->g_kdr), .g_kca_s = LOAD(b->g_kca_s),
                        .g_kca_d = LOAD(b->g_kca_d), .g_l = LOAD(b->g_l), .to_soma = LOAD(b->g_c) / MN_P,
                        .to_dendrite = LOAD(b->g_c) / (1 - MN_P), .current = LOAD(b->current),
                        .step = log2_e * b->dt / LOAD(b->c_m)};
  lanes vs = LOAD(s->vs), vd = LOAD(s->vd), vs_before = LOAD(s->vs_before), vd_before = LOAD(s->vd_before);
  lanes charge = LOAD(s->inward), inward;
  mn_gates g = mn_load(s);
  lane_mask passed = {0};
  for (size_t i = 0; i < steps; i++) {
    mn_calcium ca = calcium_of(b, g);
    lanes vs_guess = vs, vd_guess = vd;
    voltages_after(&cell, ca, g, 1.5 * vs - 0.5 * vs_before, 1.5 * vd - 0.5 * vd_before, &vs_guess, &vd_guess, &inward);
    vs_before = vs, vd_before = vd;
    voltages_after(&cell, ca, g, 0.5 * (vs + vs_guess), 0.5 * (vd + vd_guess), &vs, &vd, &inward);
    charge += inward * b->dt;
    g = gates_after(b, g, vs, vd);
    STORE(v_out + i * HH_WIDTH, vs);
    passed |= (vs_before <= MN_THRESHOLD) & (vs > MN_THRESHOLD);
  }
  STORE(s->vs, vs), STORE(s->vd, vd), STORE(s->vs_before, vs_before), STORE(s->vd_before, vd_before);
  STORE(s->inward, charge), mn_store(s, g);
  return lanes_any(passed);
}
