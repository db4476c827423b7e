/* hh-cell: a Hodgkin-Huxley cell fitted to what an experimenter measures on the squid axon. */
#ifndef HH_CELL_H
#define HH_CELL_H
#include "common.h"
#include "problems.h"

enum { CELL_PARAMETERS = 6, CELL_LEVELS = HH_LANES, CELL_POINTS = 4 };

/* Columns of y: measured, then what is asked of it. */
enum { CELL_V_REST, CELL_R_IN, CELL_RHEOBASE, CELL_SLOPE, CELL_PEAK, CELL_HEIGHT, CELL_WIDTH, CELL_ADAPTATION,
       CELL_RATE,
       CELL_GOALS = CELL_RATE + CELL_LEVELS, /* passive, excitability, shape, adaptation */
       CELL_BOUNDS = CELL_GOALS + 4,         /* rest, overshoot, width, slowing, rate    */
       CELL_Y = CELL_BOUNDS + 5, CELL_OUTPUTS = CELL_Y - CELL_LEVELS + 1 };

typedef struct cell {
  hh_integrator integrator;
  double dt;
  hh_kernel_pair kernels;
  double target[CELL_GOALS];
  double optimum_y[CELL_Y], golden_y[CELL_Y];
  dmo_reference_point points[CELL_POINTS];
  const dmo_reference_point *point_list[CELL_POINTS];
} cell;

/* The protocol, in ms and nA: rest (and a weak inward pull beside it), threshold pulses, long steps. */
static const double cell_settle_time = 200, cell_pulse_time = 60, cell_step_time = 250, cell_step_onset_skip = 50;
static const double cell_pull = -0.02, cell_largest_current = 1, cell_level = 0.05;

/* The voltage during the long steps, v[steps][CELL_LEVELS]. */
typedef struct cell_traces { size_t steps; double *v; } cell_traces;
size_t cell_step_count(const cell *self);

/* Runs the protocol and writes the measured columns of y as far as they are defined.  INFEASIBLE with a message when
 * the cell fires by itself, cannot be made to fire, does not fire repetitively, or is blocked. */
dmo_status cell_measure(const cell *self, const dmo_call *call, const double *x, double *y, cell_traces traces,
                        dmo_text message);

/* Rates, slope, spike shape and adaptation of the long steps; the second half of cell_measure. */
dmo_status cell_features(const cell *self, double *y, cell_traces traces, dmo_text message);

/* Goals and bounds from the measured columns. */
void cell_judge(const cell *self, double *y);

#endif
