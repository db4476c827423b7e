/* Pictures of a cell under current steps: the traces, and the firing rate over the current. */
#ifndef HH_STEPS_H
#define HH_STEPS_H
#include <dmo/dmo.h>

typedef struct hh_steps {
  const char *const *ids, *const *titles; /* of each trace                                                          */
  size_t count, samples;                  /* traces; their length, at least `count`                                 */
  size_t stride, first;                   /* numbers of v from one sample to the next; where the first trace stands */
  const double *v, *rate;                 /* mV, traces side by side; Hz, one for each trace                        */
  double dt, current;                     /* ms; from one step to the next, the first one too, in current_unit      */
  const char *current_unit;
} hh_steps;

/* Hands the pictures over. `scratch` holds 2 * samples numbers. */
void hh_draw_steps(const hh_steps *steps, double *scratch, void (*emit)(void *, const dmo_artifact *), void *sink);
#endif
