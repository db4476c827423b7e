/* hh-trace: conductances and current of a squid cell from its voltage trace. */
#ifndef HH_TRACE_H
#define HH_TRACE_H
#include "common.h"
#include "problems.h"

enum { TRACE_PARAMETERS = 4, TRACE_RMSE = 0, TRACE_COUNT = 1, TRACE_LAST = 2, TRACE_V = 3, TRACE_OUTPUTS = 5,
       TRACE_OPTIONS = 5 };

typedef struct trace {
  hh_integrator integrator;
  double dt, celsius;
  size_t steps, record_every, records; /* records = steps / record_every + 1 values of v                        */
  size_t spikes;                       /* length of the block of spike times                                    */
  size_t y_count;
  hh_kernel_pair kernels;
  double *target;                      /* v of the hidden values, [records]                                     */
  dmo_output outputs[TRACE_OUTPUTS];
  dmo_spec spec;
  double *reference_y[2];
  dmo_reference_point points[2];
  const dmo_reference_point *point_list[2];
} trace;

/* Simulates `count` <= HH_LANES cells; rows of x[count][4] and y[count][y_count].  Writes all outputs but the
 * objective.
 * Returns how many steps it made: fewer than all when `call` was cancelled. */
size_t trace_simulate(const trace *self, const dmo_call *call, const double *x, double *y, size_t count);

/* sqrt(mean((v - target)^2)), mV. */
double trace_rmse(const trace *self, const double *v);

extern const dmo_option trace_options[TRACE_OPTIONS];
dmo_status trace_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error);
const dmo_spec *trace_describe(dmo_instance self);
void trace_destroy(dmo_instance self);
extern const dmo_reference trace_reference;
extern const double trace_hidden[TRACE_PARAMETERS];
#endif
