/* deck.c: the testbench as SPICE lines, plain numbers only (no .param, no braces: see card_reader.c). */
#include "opamp.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_CAPACITY = 1 << 14, OWN_LINES = 40, PROBE_BYTES = 256 };
static const double DIFFUSION = 0.29e-6;        // m; drain and source length, for junction areas and perimeters
static const double THERMAL_VOLTAGE = 0.02585;  // V, at 27 degrees Celsius

static char *const tail_lines[] = {
  // keepopinfo stores the operating point of `ac` as a plot.  With the default reltol the gain would depend on the
  // starting guess at 2e-4.
  ".option keepopinfo reltol=1e-9 abstol=1e-14 vntol=1e-10 chgtol=1e-18 itl1=100 itl2=100",
  ".temp 27",
  // The servo closes the loop at DC alone: v(inn) = lowpass(v(out)) + v(acn), pole at 1.6e-13 Hz, no load on out.
  "GZ 0 z out z 1e-6",
  "CZ z 0 1e6",
  "EN inn acn z 0 1",
  "VN acn 0 dc 0 ac -0.5",
  ".end",
};

bool deck_init(deck *d, const card_set *set) {
  size_t text = TEXT_CAPACITY + PROBE_BYTES * set->count;
  d->lines = calloc(set->line_count + set->count * 2 + OWN_LINES, sizeof *d->lines);
  d->text = malloc(text);
  d->needed = calloc(set->count, sizeof *d->needed);
  return d->lines && d->text && d->needed;
}

void deck_free(deck *d) {
  free(d->lines);
  free(d->text);
  free(d->needed);
  *d = (deck){0};
}

static void add(deck *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(deck *d, const char *format, ...) {
  char *line = d->text + d->used;
  va_list arguments;
  va_start(arguments, format);
  d->used += (size_t)vsprintf(line, format, arguments) + 1;   // numbers only: lengths are bounded, see TEXT_CAPACITY
  va_end(arguments);
  d->lines[d->line_count++] = line;
}

static void start(deck *d, const char *title) {
  d->used = d->line_count = 0;
  add(d, "%s", title);
}

static void finish(deck *d) {
  for (size_t i = 0; i < sizeof tail_lines / sizeof tail_lines[0]; i++) d->lines[d->line_count++] = tail_lines[i];
  d->lines[d->line_count] = NULL;
}

static void add_card(deck *d, const card_set *set, const card *c) {
  for (size_t i = 0; i < c->line_count; i++) d->lines[d->line_count++] = set->lines[c->first_line + i];
}

static void add_device(deck *d, size_t number, const char *nodes, const device *m) {
  add(d, "M%zu %s %s w=%.17g l=%.17g ad=%.17g as=%.17g pd=%.17g ps=%.17g nrd=0 nrs=0", number, nodes,
      m->type == CARD_NMOS ? "nfet" : "pfet", m->w, m->l, m->w * DIFFUSION, m->w * DIFFUSION,
      2 * (m->w + DIFFUSION), 2 * (m->w + DIFFUSION));
}

/* Gate overdrive of an EKV-like transistor at drain current i (A), V.  The fits only choose where Newton starts. */
static double overdrive(double i, double w, double l, double specific_current, double slope) {
  double u = sqrt(i / (specific_current * w / l));
  return 2 * slope * THERMAL_VOLTAGE * log(expm1(fmin(40, u)));
}

void devices_of(const double *x, device devices[DEVICES]) {
  const double um = 1e-6;
  const device bias = {CARD_NMOS, x[X_W_BIAS] * um, x[X_L_BIAS] * um};
  const device pair = {CARD_NMOS, x[X_W_PAIR] * um, x[X_L_PAIR] * um};
  const device load = {CARD_PMOS, x[X_W_LOAD] * um, x[X_L_LOAD] * um};
  devices[0] = devices[1] = pair;
  devices[2] = devices[3] = load;
  devices[4] = devices[7] = bias;
  devices[5] = (device){CARD_PMOS, x[X_W_GAIN] * um, x[X_L_GAIN] * um};
  devices[6] = (device){CARD_NMOS, x[X_W_BIAS] * x[X_RATIO] * um, x[X_L_BIAS] * um};
}

static void add_node_guesses(deck *d, const bench *b, const double *x) {
  double i = b->ibias;
  double v_bias = 0.5457 + 0.0297 / x[X_L_BIAS] + overdrive(i, x[X_W_BIAS], x[X_L_BIAS], 6.94e-7, 1.445);
  double v_pair = 0.6103 + 0.0252 / x[X_L_PAIR] + overdrive(i / 2, x[X_W_PAIR], x[X_L_PAIR], 6.06e-7, 1.161);
  double v_load = 1.0871 - 0.0449 / x[X_L_LOAD] + overdrive(i / 2, x[X_W_LOAD], x[X_L_LOAD], 3.55e-7, 1.659);
  double v_gain = 1.0439 - 0.0404 / x[X_L_GAIN] + overdrive(i * x[X_RATIO], x[X_W_GAIN], x[X_L_GAIN], 1.383e-7, 1.246);
  add(d, ".nodeset v(nb)=%.4f v(tl)=%.4f v(x)=%.4f v(y)=%.4f v(out)=%.4f v(inn)=%.4f v(z)=%.4f", v_bias,
      fmax(0.03, b->vcm - v_pair), fmax(0.05, b->vdd - v_load), fmax(0.02, b->vdd - v_gain), b->vcm, b->vcm, b->vcm);
}

/* Marks the cards that the devices may use; the index of a device without any, else -1. */
static int mark_needed(deck *d, const card_set *set, const device *devices) {
  for (size_t c = 0; c < set->count; c++) d->needed[c] = false;
  for (int m = 0; m < DEVICES; m++) {
    bool any = false;
    for (size_t c = 0; c < set->count; c++) {
      if (!card_covers(&set->cards[c], devices[m].type, devices[m].w, devices[m].l)) continue;
      d->needed[c] = any = true;
    }
    if (!any) return m;
  }
  return -1;
}

int deck_amplifier(deck *d, const card_set *set, const bench *b, const double *x) {
  // Drain, gate, source, bulk of M1 .. M8.
  static const char *const nodes[DEVICES] = {"x inn tl 0",    "y inp tl 0",      "x x vdd vdd", "y x vdd vdd",
                                             "tl nb 0 0",     "out y vdd vdd",   "out nb 0 0",  "nb nb 0 0"};
  // The order of devices fixes the order of the matrix, and with it the last digit.
  static const size_t order[DEVICES] = {7, 4, 6, 0, 1, 2, 3, 5};
  device devices[DEVICES];
  devices_of(x, devices);
  int bare = mark_needed(d, set, devices);
  if (bare >= 0) return bare;
  start(d, "two-stage Miller op-amp");
  for (size_t c = 0; c < set->count; c++) if (d->needed[c]) add_card(d, set, &set->cards[c]);
  for (size_t k = 0; k < DEVICES; k++) add_device(d, order[k] + 1, nodes[order[k]], &devices[order[k]]);
  add(d, "CC y out %.17g", x[X_C_COMP] * 1e-12);
  add(d, "IB vdd nb %.17g", b->ibias);
  add(d, "VDD vdd 0 dc %.17g", b->vdd);
  add(d, "VP inp 0 dc %.17g ac 0.5", b->vcm);
  add(d, "CL out 0 %.17g", b->cload);
  add_node_guesses(d, b, x);
  finish(d);
  return -1;
}

static double middle(double low, double high, double low_limit, double high_limit) {
  return 0.5 * (fmax(low, low_limit) + fmin(high, high_limit));
}

void deck_probe(deck *d, const card_set *set, double vdd) {
  start(d, "one device a card");
  for (size_t c = 0; c < set->count; c++) add_card(d, set, &set->cards[c]);
  add(d, "VDD vdd 0 dc %.17g", vdd);
  for (size_t c = 0; c < set->count; c++) {
    const card *k = &set->cards[c];
    device m = {k->type, middle(k->wmin, k->wmax, 2e-6, 96e-6), middle(k->lmin, k->lmax, 0.2e-6, 2e-6)};
    add_device(d, c + 1, k->type == CARD_NMOS ? "vdd vdd 0 0" : "0 0 vdd vdd", &m);
  }
  d->lines[d->line_count++] = tail_lines[0];
  d->lines[d->line_count++] = tail_lines[1];
  add(d, ".end");
  d->lines[d->line_count] = NULL;
}
