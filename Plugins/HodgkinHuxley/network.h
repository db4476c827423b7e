/* hh-network: excitatory and inhibitory Hodgkin-Huxley cells with delayed, exponentially decaying conductances. */
#ifndef HH_NETWORK_H
#define HH_NETWORK_H
#include <dmo/draft/mpi.h>
#include "common.h"
#include "problems.h"

/* Columns of y: observed, goals, bounds; then the spike blocks, when asked for. */
enum { NET_RATE_E, NET_RATE_I, NET_CV, NET_SYNCHRONY, NET_ACTIVE, NET_FASTEST, NET_EARLY, NET_LATE, NET_GOALS,
       NET_BOUNDS = NET_GOALS + 4, NET_SPIKES = NET_BOUNDS + 3 };
enum { NET_OUTPUTS = NET_SPIKES + 2, NET_PARAMETERS = 6 };

/* Who is connected to whom: the targets of cell i are target[first[i]] ... target[first[i + 1] - 1], ascending; from
 * split[i] on they are inhibitory.  Cells 0 ... excitatory - 1 excite. */
typedef struct wiring {
  size_t cells, excitatory;
  size_t *first, *split;
  uint32_t *target;
  double *drive;   /* current of each cell for a drive of 1: nA (system) or 1 (random)     */
  double *v_start; /* mV                                                                    */
} wiring;

/* What a cell and a synapse are made of. */
typedef struct network_physics {
  double g_na, g_k, g_l, e_l, e_na, e_k, c_m, celsius, area, onset;
  double tau[2], reversal[2], delay;
} network_physics;

typedef struct network {
  hh_integrator integrator;
  double dt, duration, transient, target_rate[2], target_cv;
  size_t steps, delay_steps;
  size_t spikes;               /* length of the observed spike blocks, 0: none                      */
  int from_file;               /* parameters are weight and drive, not the six of a random network  */
  double file_weight;          /* uS                                                                */
  double degree[2];            /* expected number of excitatory, inhibitory inputs of a cell        */
  network_physics physics;
  wiring wiring;
  const hh_kernels *kernels;
  const dmo_mpi *mpi;          /* ranks that simulate together, each some of the cells; NULL: this one alone */
  dmo_param parameters[NET_PARAMETERS];
  dmo_output outputs[NET_OUTPUTS];
  dmo_spec spec;
  size_t x_count, y_count;
  double baseline[NET_PARAMETERS];
  dmo_reference_point point;
  const dmo_reference_point *point_list[1];
} network;

/* slot and fraction: its step within the window that it was seen in, and its place in that step. */
typedef struct spike { double time, fraction; uint32_t cell, slot; } spike;
typedef struct spike_list { spike *at; size_t count, capacity; } spike_list;

/* Running sums of a simulation, for the measures. */
typedef struct activity {
  spike_list spikes;           /* by time                                                           */
  size_t samples, sample_every, first_sample; /* the first that counts */
  double *sum, *sum_square;    /* of each cell's v over the samples                                 */
  double *population;          /* sum of all v at each sample                                       */
} activity;

/* Random wiring: every pair independently with the probability of the source's kind; the seed fixes all.  Returns 0
 * without memory. */
int wiring_random(wiring *w, size_t cells, double share_e, const double probability[2], double spread, uint64_t seed);

/* The network of a file with the keys amps_nA, connections, weight_uS, delay_ms, tau_ms, e_mV and, in meta, the
 * cell.  Returns 0 and says why when it is none. */
int network_read(network *self, const char *path, dmo_text error);
void wiring_free(wiring *w);

/* Simulates one point, with the other ranks of the group where there is one; all have the whole activity at the end.
 * OK, CANCELLED, or FAILED without memory; `activity` is freed by activity_free in any case. */
dmo_status network_simulate(const network *self, const dmo_call *call, activity *activity);
void activity_free(activity *activity);

/* Fills the observed columns; the spike blocks too. */
dmo_status network_measure(const network *self, const activity *activity, double *y);

/* Goals and bounds from the observed columns. */
void network_judge(const network *self, double *y);

dmo_status network_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error);
void network_destroy(dmo_instance self);
enum { NET_OPTIONS = 20 };
extern const dmo_option network_options[NET_OPTIONS];
#endif
