/* The options of `cnon`. */
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N, ALPHA, BETA, TIME, DT, SEED, INTEGRATOR, VARIANT, NORM, SYSTEM };
/* More is taken for a slip of the pen: already 20 oscillators would run for seconds. */
static const double MAX_STEPS = 1e7;

static const char *const integrators[] = {"rk4", NULL};
static const char *const variants[] = {"standard", "wright", NULL};
static const char *const norms[] = {"mean-absolute", "l2", NULL};

const dmo_option osc_option_table[OSC_OPTION_COUNT] = {
  [N] = {.kind = DMO_OPT_INT, .key = "n", .help = "number of oscillators", .default_text = "20",
         .min = 1, .max = 2000},
  [ALPHA] = {.kind = DMO_OPT_REAL, .key = "alpha", .help = "coupling strength: C = alpha (1 + R), R ~ U(-1, 1)",
             .unit = "1", .default_text = "1", .min = -100, .max = 100},
  [BETA] = {.kind = DMO_OPT_REAL, .key = "beta", .help = "drive strength: e = beta r, r ~ U(0, 1)", .unit = "1",
            .default_text = "1", .min = -100, .max = 100},
  [TIME] = {.kind = DMO_OPT_REAL, .key = "T", .help = "duration, in units of an uncoupled oscillator's 1 / omega",
            .unit = "1", .default_text = "0.5", .min = 1e-6, .max = 1000},
  [DT] = {.kind = DMO_OPT_REAL, .key = "dt", .help = "largest time step; T is cut into equal ones", .unit = "1",
          .default_text = "0.1", .min = 1e-6, .max = 1000},
  [SEED] = {.kind = DMO_OPT_INT, .key = "seed", .help = "draws couplings, drive and the start behind the target",
            .default_text = "1", .min = 0, .max = 9007199254740992.0},
  [INTEGRATOR] = {.kind = DMO_OPT_CHOICE, .key = "integrator", .help = "classical Runge-Kutta of order 4",
                  .default_text = "rk4", .choices = integrators},
  [VARIANT] = {.kind = DMO_OPT_CHOICE, .key = "variant",
               .help = "standard: equation (11); wright: with the extra -J_ii sin q_i", .default_text = "standard",
               .choices = variants},
  [NORM] = {.kind = DMO_OPT_CHOICE, .key = "norm", .help = "of q(T) - target, to be minimised",
            .default_text = "mean-absolute", .choices = norms},
  [SYSTEM] = {.kind = DMO_OPT_PATH, .key = "system",
              .help = "JSON file with J, e and perhaps target, v0, instead of n, alpha, beta, seed"},
};

/* A number inside the option's limits, or NaN with the reason written. */
static double number(int option, const char *const *texts, char *error, size_t capacity) {
  const dmo_option *o = &osc_option_table[option];
  const char *text = texts && texts[option] ? texts[option] : o->default_text;
  char *end;
  double value = strtod(text, &end);
  int whole = o->kind != DMO_OPT_INT || value == floor(value);
  if (end != text && !*end && whole && value >= o->min && value <= o->max) return value;
  snprintf(error, capacity, "option %s is '%s'; it must be %s from %.16g to %.16g", o->key, text,
           o->kind == DMO_OPT_INT ? "a whole number" : "a number", o->min, o->max);
  return NAN;
}

/* The index of the choice, or -1 with the reason written. */
static int choice(int option, const char *const *texts, char *error, size_t capacity) {
  const dmo_option *o = &osc_option_table[option];
  const char *text = texts && texts[option] ? texts[option] : o->default_text;
  for (int i = 0; o->choices[i]; i++)
    if (!strcmp(text, o->choices[i])) return i;
  int used = snprintf(error, capacity, "option %s is '%s'; it must be", o->key, text);
  for (int i = 0; o->choices[i] && used >= 0 && (size_t)used < capacity; i++)
    used += snprintf(error + used, capacity - (size_t)used, i ? " or %s" : " %s", o->choices[i]);
  return -1;
}

dmo_status osc_options_read(osc_options *out, const char *const *texts, char *error, size_t capacity) {
  double value[SEED + 1];
  int chosen[NORM + 1];
  for (int i = N; i <= SEED; i++)
    if (isnan(value[i] = number(i, texts, error, capacity))) return DMO_BAD_INPUT;
  for (int i = INTEGRATOR; i <= NORM; i++)
    if ((chosen[i] = choice(i, texts, error, capacity)) < 0) return DMO_BAD_INPUT;
  /* T / dt of decimal fractions is rarely whole in binary: a hair above a whole number still means that number. */
  double steps = ceil(value[TIME] / value[DT] * (1 - 1e-12));
  if (steps > MAX_STEPS) {
    snprintf(error, capacity, "T / dt = %g steps are more than %g: raise dt or lower T", steps, MAX_STEPS);
    return DMO_BAD_INPUT;
  }
  *out = (osc_options){
    .n = (size_t)value[N], .steps = (size_t)steps, .alpha = value[ALPHA], .beta = value[BETA], .time = value[TIME],
    .seed = (uint64_t)value[SEED], .wright = chosen[VARIANT], .norm = chosen[NORM],
    .system = texts ? texts[SYSTEM] : NULL,
  };
  if (out->system && !*out->system) out->system = NULL;
  if (out->system && out->wright) {
    snprintf(error, capacity, "variant=wright does not go with system=: the file's J already holds the diagonal; "
             "leave one of the two out");
    return DMO_BAD_INPUT;
  }
  out->all_default = !out->system && !chosen[VARIANT] && !chosen[NORM];
  for (int i = N; i <= SEED; i++)
    if (value[i] != strtod(osc_option_table[i].default_text, NULL)) out->all_default = 0;
  return DMO_OK;
}
