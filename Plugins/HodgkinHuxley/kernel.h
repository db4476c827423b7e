/* The inner loops: blocks of Hodgkin-Huxley cells advanced in time, side by side in vector lanes. */
#ifndef HH_KERNEL_H
#define HH_KERNEL_H
#include <stddef.h>

enum { HH_LANES = 8 }; /* cells in a block, at most */

/* HH_MULTISTEP: v and the gates staggered by half a step, exact exponential flow of each with its coefficients averaged
 * over the step from the last three: third order.  HH_STAGGERED_EULER: implicit Euler for v, then exact exponential
 * gates, first order: NEURON's fixed step (secondorder = 0, cnexp). */
typedef enum hh_integrator { HH_MULTISTEP = 0, HH_STAGGERED_EULER = 1 } hh_integrator;

/* What does not change while a block advances.  Conductances S/cm2, potentials mV, current mA/cm2 (inward positive). */
typedef struct hh_block {
  double g_na[HH_LANES], g_k[HH_LANES], g_l[HH_LANES], e_l[HH_LANES];
  double capacity[HH_LANES];  /* C / dt in S/cm2: 1e-3 c_m [uF/cm2] / dt [ms]                                  */
  double rate_step[HH_LANES]; /* dt times the temperature factor of the gates, ms                              */
  double current[HH_LANES];
  double e_na, e_k;
  double threshold;           /* of a spike, mV                                                                */
} hh_block;

enum { HH_PAST = 8 };         /* remembered quantities of a step: six of the gates, two of the membrane          */

typedef struct hh_state {
  double v[HH_LANES], m[HH_LANES], h[HH_LANES], n[HH_LANES];
  double past[2][HH_PAST][HH_LANES]; /* the last step's and the one before; written and read by the kernels only  */
} hh_state;

/* Exponential synapses of a block, [0] excitatory and [1] inhibitory: conductance in S/cm2. */
typedef struct hh_synapses {
  double g[2][HH_LANES];
  double reversal[2];         /* mV                                                                           */
  double decay[2];            /* factor of a step                                                             */
} hh_synapses;

/* What arrives in one step at one block: `during` adds to the conductance of this step only, `after` to what is left
 * once it has decayed.  Two fields, so that a spike counts from its own time within the step. */
typedef struct hh_arrivals { double during[2][HH_LANES], after[2][HH_LANES]; } hh_arrivals;

/* The two-compartment motoneuron, Booth, Rinzel and Kiehn 1997: constants of the paper's that no parameter changes, in
 * mV, uM and per ms; MN_P is the soma's share of the membrane. */
#define MN_E_NA 55.0
#define MN_E_K (-80.0)
#define MN_E_CA 80.0
#define MN_E_L (-60.0)
#define MN_P 0.1
#define MN_K_D 0.2
#define MN_ALPHA 0.009
#define MN_K_CA 2.0
#define MN_THRESHOLD (-10.0)

/* Conductances mS/cm2, capacitance uF/cm2, current into the soma uA/cm2, dt ms. */
typedef struct mn_block {
  double g_na[HH_LANES], g_kdr[HH_LANES], g_can_s[HH_LANES], g_kca_s[HH_LANES], g_can_d[HH_LANES], g_cal[HH_LANES];
  double g_kca_d[HH_LANES], g_l[HH_LANES], g_c[HH_LANES], c_m[HH_LANES], current[HH_LANES];
  double calcium_decay[HH_LANES];      /* of a step: exp(-f k_ca dt)              */
  double decay_4ms, decay_40ms, dt;    /* exp(-dt / 4 ms), exp(-dt / 40 ms)       */
} mn_block;

typedef struct mn_state {
  double vs[HH_LANES], vd[HH_LANES], vs_before[HH_LANES], vd_before[HH_LANES];
  double h[HH_LANES], n[HH_LANES], mn_s[HH_LANES], hn_s[HH_LANES], mn_d[HH_LANES], hn_d[HH_LANES], ml[HH_LANES];
  double ca_s[HH_LANES], ca_d[HH_LANES];
  double inward[HH_LANES];             /* Na and Ca charge into the soma, nC/cm2  */
} mn_state;

typedef struct hh_kernels {
  const char *name;
  size_t width;               /* lanes that are used, <= HH_LANES; the others are neither read nor written      */
  /* Gates at their steady state for v, and no past. */
  void (*settle)(const hh_block *block, hh_state *state, hh_integrator integrator);
  /* `steps` steps; row i of v_out[steps][width] is v after step i.  With synapses, arrivals[i] belongs to step i and is
   * zero afterwards; else both are NULL.  Returns nonzero when a cell passed the threshold upwards, so that most
   * stretches of v_out need no second look. */
  int (*advance)(const hh_block *block, hh_state *state, hh_synapses *synapses, hh_arrivals *arrivals,
                 hh_integrator integrator, size_t steps, double *v_out);
  /* The same for motoneurons; v_out holds the soma's voltage. */
  void (*mn_settle)(const mn_block *block, mn_state *state);
  int (*mn_advance)(const mn_block *block, mn_state *state, size_t steps, double *v_out);
} hh_kernels;

/* The best loops of this machine: `few` for at most few->width cells, which wait for results more than for units.
 * HH_KERNELS=base|avx2|avx512 in the environment asks for lesser ones (tests). */
typedef struct hh_kernel_pair { const hh_kernels *few, *many; } hh_kernel_pair;
hh_kernel_pair hh_kernels_here(void);
#endif
