/* The options of `cnon`, as a table for the host and as values for the plugin. */
#ifndef OSCILLATORS_OPTIONS_H
#define OSCILLATORS_OPTIONS_H
#include <dmo/dmo.h>

enum { OSC_OPTION_COUNT = 10, OSC_NORM_MEAN = 0, OSC_NORM_L2 = 1 };
extern const dmo_option osc_option_table[OSC_OPTION_COUNT];

typedef struct osc_options {
  size_t n, steps;       /* oscillators; RK4 steps = T / dt rounded up                      */
  double alpha, beta, time;
  uint64_t seed;
  int wright, norm;
  const char *system;    /* a path, or NULL: lives as long as the texts                      */
  int all_default;       /* every value that shapes the answer is the default                */
} osc_options;

/* Texts in the table's order, NULL for a default; the C numeric locale must be in force.  DMO_OK, or DMO_BAD_INPUT with
 * the reason in error[capacity]. */
dmo_status osc_options_read(osc_options *, const char *const *texts, char *error, size_t capacity);
#endif
