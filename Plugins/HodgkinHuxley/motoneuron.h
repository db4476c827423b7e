/* motoneuron: the two-compartment cell of Booth, Rinzel and Kiehn (1997), fitted to how the published one behaves. */
#ifndef HH_MOTONEURON_H
#define HH_MOTONEURON_H
#include "common.h"
#include "problems.h"

enum { MN_PARAMETERS = 11, MN_RATES = HH_LANES - 1 };

/* Columns of y: measured, then what is asked of it. */
enum { MN_V_REST, MN_R_IN, MN_TAU, MN_HEIGHT, MN_WIDTH, MN_AHP, MN_ADAPTATION, MN_JUMP, MN_CHARGE, MN_RATE,
       MN_GOALS = MN_RATE + MN_RATES, MN_GOAL_COUNT = 5, MN_BOUNDS = MN_GOALS + MN_GOAL_COUNT, MN_BOUND_COUNT = 9,
       MN_Y = MN_BOUNDS + MN_BOUND_COUNT, MN_OUTPUTS = MN_Y - MN_RATES + 1 };

/* The protocol, ms and uA/cm2: rest; steps of -1 (in lane 0) and 5, 10 ... 35 from rest; and a pulse on each of eight
 * steady currents, of which the plateau keeps the cell firing faster than before. */
static const double mn_rest_time = 500, mn_step_time = 1000, mn_settled = 500, mn_pull = -1, mn_step = 5;
static const double mn_bias = 4, mn_bias_time = 400, mn_pulse = 20, mn_pulse_time = 400, mn_after_time = 600;
static const double mn_window = 300; /* before the pulse, and at the end */

typedef struct motoneuron {
  double dt;
  hh_kernel_pair kernels;
  double target[MN_GOALS], published_y[MN_Y];
  dmo_reference_point points[2];
  const dmo_reference_point *point_list[2];
} motoneuron;

/* Steps of the longest part of the protocol. */
size_t mn_most_steps(const motoneuron *self);

/* Runs the protocol with v[mn_most_steps][HH_LANES] as room and writes the measured columns as far as they are defined;
 * afterwards v holds the last part's trace.  INFEASIBLE with a message when the cell fires by itself or does not fire
 * repetitively at the strongest step. */
dmo_status mn_measure(const motoneuron *self, const dmo_call *call, const double *x, double *v, double *y,
                      dmo_text message);

/* The steps alone, from rest; the first part of mn_measure. */
dmo_status mn_run_steps(const motoneuron *self, const double *x, double *v, double *y, mn_block *block, mn_state *rest,
                        dmo_text message);

/* Goals and bounds from the measured columns. */
void mn_judge(const motoneuron *self, double *y);

extern const dmo_spec mn_spec;
extern const double mn_published[MN_PARAMETERS];
#endif
