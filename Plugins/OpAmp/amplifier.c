/* amplifier.c: one instance, from options to answers. */
#include "opamp.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// libngspice is a singleton: a second instance at the same time would share its circuit.
static bool occupied;

static bool read_options(amplifier *a, const char *const *texts, dmo_text *error) {
  double values[OPT_COUNT] = {0};
  a->all_defaults = true;
  for (int i = 0; i < OPT_COUNT; i++) {
    const dmo_option *o = &opamp_options[i];
    const char *text = texts && texts[i] ? texts[i] : o->default_text;
    if (!text != !o->default_text) a->all_defaults = false;
    if (o->kind == DMO_OPT_CHOICE) a->all_defaults = a->all_defaults && strcmp(text, o->default_text) == 0;
    if (o->kind != DMO_OPT_REAL) continue;
    char *rest;
    values[i] = strtod(text, &rest);
    if (rest == text || *rest || !(values[i] >= o->min && values[i] <= o->max)) {
      text_set(error, "option %s: '%s' is not a number from %g to %g", o->key, text, o->min, o->max);
      return false;
    }
    if (values[i] != strtod(o->default_text, NULL)) a->all_defaults = false;
  }
  a->bench = (bench){values[OPT_IBIAS] * 1e-6, values[OPT_CLOAD] * 1e-12, values[OPT_VDD], values[OPT_VCM]};
  const char *unit = texts && texts[OPT_GAIN_UNIT] ? texts[OPT_GAIN_UNIT] : "linear";
  a->weights = (weights){values[OPT_W_GAIN], values[OPT_W_PM], values[OPT_W_UGBW], strcmp(unit, "db") == 0};
  if (!a->weights.decibel && strcmp(unit, "linear") != 0) {
    text_set(error, "option gain_unit: '%s' is neither linear nor db", unit);
    return false;
  }
  if (a->bench.vcm < a->bench.vdd) return true;
  text_set(error, "option vcm: %g V is not below vdd (%g V); lower vcm or raise vdd", a->bench.vcm, a->bench.vdd);
  return false;
}

/* Does the simulator take every card, and does each make a transistor that conducts? */
static dmo_status probe_cards(amplifier *a, const dmo_host *host, dmo_text *error) {
  double *currents = calloc(a->cards.count, sizeof *currents);
  if (!currents) {
    text_set(error, "out of memory");
    return DMO_FAILED;
  }
  deck_probe(&a->deck, &a->cards, a->bench.vdd);
  sim_status status = simulator_probe(&a->deck, a->cards.count, currents);
  dmo_status answer = status == SIM_OK ? DMO_OK : status == SIM_DEAD ? DMO_FATAL : DMO_BAD_INPUT;
  const char *complaint = simulator_complaint();
  if (answer != DMO_OK)
    text_set(error, "option models: ngspice does not take the cards of %s: %s", a->cards.name,
             complaint[0] ? complaint : "no operating point");
  for (size_t i = 0; answer == DMO_OK && i < a->cards.count; i++) {
    if (fabs(currents[i]) > 1e-9 && fabs(currents[i]) < 1) continue;
    text_set(error, "option models: %s: '%.32s ...' carries %g A at VGS = VDS = %g V; these cards make no transistor",
             a->cards.name, a->cards.cards[i].line, currents[i], a->bench.vdd);
    answer = DMO_BAD_INPUT;
  }
  free(currents);
  if (answer == DMO_OK && complaint[0] && host && host->log) host->log(host, DMO_LEVEL_WARNING, complaint);
  return answer;
}

static dmo_status open_models(amplifier *a, const dmo_host *host, const char *path, dmo_text *error) {
  if (!cards_load(&a->cards, path, error)) return DMO_BAD_INPUT;
  if (!deck_init(&a->deck, &a->cards)) {
    text_set(error, "out of memory");
    return DMO_FAILED;
  }
  if (!simulator_start(host ? host->scratch_dir : NULL, error)) return DMO_FAILED;
  return probe_cards(a, host, error);
}

dmo_status amplifier_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  if (occupied) {
    text_set(error, "libngspice serves one instance a process; destroy the other one or start another process");
    return DMO_UNSUPPORTED;
  }
  amplifier *a = calloc(1, sizeof *a);
  if (!a || !(a->guard = guard_new())) {
    free(a);
    text_set(error, "out of memory");
    return DMO_FAILED;
  }
  occupied = true;
  guard_enter(a->guard);
  dmo_status status = read_options(a, texts, error) ? DMO_OK : DMO_BAD_INPUT;
  if (status == DMO_OK) status = open_models(a, host, texts ? texts[OPT_MODELS] : NULL, error);
  guard_leave(a->guard);
  if (status == DMO_OK) *out = a;
  else amplifier_destroy(a);
  return status;
}

void amplifier_destroy(dmo_instance self) {
  amplifier *a = self;
  if (!a) return;
  deck_free(&a->deck);
  cards_free(&a->cards);
  guard_free(a->guard);
  free(a);
  occupied = false;
}

dmo_status amplifier_check_call(const amplifier *a, const dmo_call *call, dmo_text *message) {
  if (a->dead) {
    text_set(message, "libngspice asked to be unloaded earlier; destroy this instance and start a new process");
    return DMO_FATAL;
  }
  if (call->x_count != X_COUNT) {
    text_set(message, "x holds %zu numbers, not %d", call->x_count, X_COUNT);
    return DMO_BAD_INPUT;
  }
  if (call->fidelity != 0) {
    text_set(message, "fidelity %u: there is only level 0", call->fidelity);
    return DMO_UNSUPPORTED;
  }
  for (int i = 0; i < X_COUNT; i++) {
    const dmo_param *p = &opamp_params[i];
    double slack = 1e-9 * (p->max - p->min), v = call->x[i];   // the host's scaling may round
    if (v >= p->min - slack && v <= p->max + slack && (p->kind != DMO_INTEGER || v == floor(v))) continue;
    text_set(message, "%s = %.17g is not %s from %g to %g", p->id, v,
             p->kind == DMO_INTEGER ? "an integer" : "a number", p->min, p->max);
    return DMO_BAD_INPUT;
  }
  if (!call->cancelled || !call->cancelled(call)) return DMO_OK;
  text_set(message, "cancelled before it began");
  return DMO_CANCELLED;
}

dmo_status amplifier_simulate(amplifier *a, const double *x, dmo_text *message) {
  int bare = deck_amplifier(&a->deck, &a->cards, &a->bench, x);
  if (bare >= 0) {
    text_set(message, "M%d: no card of %s covers its width and length", bare + 1, a->cards.name);
    return DMO_INFEASIBLE;
  }
  sim_status status = simulator_amplifier(&a->deck, &a->op, &a->sweep);
  if (status == SIM_OK) return DMO_OK;
  a->dead = status == SIM_DEAD;
  const char *complaint = simulator_complaint();
  text_set(message, "%s: %s", a->dead ? "libngspice asked to be unloaded" : "no operating point",
           complaint[0] ? complaint : "ngspice gave no reason");
  return a->dead ? DMO_FATAL : DMO_INFEASIBLE;
}

/* Writes what a solved circuit gives; INFEASIBLE when the gain has no crossing inside the sweep. */
static dmo_status write_outputs(const amplifier *a, const double *x, double *y, dmo_text *message) {
  const operating_point *op = &a->op;
  double gain, ugbw, pm, compensation = x[X_C_COMP] * 1e-12;
  crossing found = measure_open_loop(&a->sweep, &gain, &ugbw, &pm);
  if (!(isfinite(gain) && gain > 0)) {
    text_set(message, "the DC gain is %g: the circuit amplifies nothing", gain);
    return DMO_INFEASIBLE;
  }
  y[Y_GAIN] = gain;
  y[Y_POWER] = -a->bench.vdd * op->supply_current;
  y[Y_VOS] = op->v_out - a->bench.vcm;
  y[Y_VOS_ABS] = fabs(y[Y_VOS]);
  y[Y_SATMARGIN] = op->margin;
  y[Y_SLEW] = fmin(op->i_tail / compensation, op->i_sink / (a->bench.cload + compensation));
  if (found == CROSSING_BEYOND) {
    text_set(message, "the gain does not fall to 1 below 10 GHz");
    return DMO_INFEASIBLE;
  }
  y[Y_UGBW] = ugbw;
  y[Y_PM] = pm;
  y[Y_FOM] = figure_of_merit(&a->weights, gain, ugbw, pm);
  return DMO_OK;
}

dmo_status amplifier_evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  amplifier *a = self;
  dmo_status status = amplifier_check_call(a, call, &result->message);
  if (status != DMO_OK) return status;
  if (result->y_count != Y_COUNT) {
    text_set(&result->message, "y holds %zu numbers, not %d", result->y_count, Y_COUNT);
    return DMO_BAD_INPUT;
  }
  guard_enter(a->guard);
  device devices[DEVICES];
  devices_of(call->x, devices);
  result->y[Y_AREA] = gate_area(devices);
  status = amplifier_simulate(a, call->x, &result->message);
  if (status == DMO_OK) status = write_outputs(a, call->x, result->y, &result->message);
  guard_leave(a->guard);
  return status;
}
