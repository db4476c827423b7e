/* What the problems of this plugin share: the squid cell's constants, options, texts, spikes. */
#ifndef HH_COMMON_H
#define HH_COMMON_H
#include <dmo/dmo.h>
#include "kernel.h"

/* Hodgkin and Huxley 1952 in today's sign convention; the cell is a cylinder of 20 um length and diameter. */
enum { HH_CHUNK = 256 };                /* steps between two looks at the trace                                  */
static const double hh_e_na = 50, hh_e_k = -77, hh_e_l = -54.3;                       /* mV                      */
static const double hh_g_na = 0.12, hh_g_k = 0.036, hh_g_l = 0.0003;                  /* S/cm2                   */
static const double hh_c_m = 1, hh_v_start = -65, hh_threshold = 0, hh_celsius = 6.3; /* uF/cm2, mV, mV, degC    */
static const double hh_area = 1256.6370614359173;                                     /* um2, 400 pi             */

/* The factor of all rates at a temperature, 3^((T - 6.3) / 10). */
double hh_rate_factor(double celsius);

/* mA/cm2 of a current in nA through the cell. */
double hh_density(double nanoampere);

/* A block of standard cells at v_start, no current. */
void hh_block_standard(hh_block *block, double dt, double celsius);

/* Time (ms) of an upward passage through the threshold in the step that ends at step `end`: interpolated, or for the
 * staggered Euler scheme the end itself, as NEURON has it. */
double hh_spike_time(hh_integrator integrator, double v_before, double v_after, size_t end, double dt);

extern const char *const hh_integrator_names[]; /* for a CHOICE option, NULL-terminated */
hh_integrator hh_integrator_named(const char *text);

/* Whole steps of `part` in `whole`, or 0 when it is not a multiple (to 1e-6 of a step). */
size_t hh_multiple(double whole, double part);

/* printf into the host's buffer, cut off at its capacity. */
void hh_say(dmo_text text, const char *format, ...) __attribute__((format(printf, 2, 3)));

int hh_cancelled(const dmo_call *call);

/* A table that a problem offers by an extension's id; a list of them ends with a NULL id. */
typedef struct hh_offer {
  const char *id;
  const void *table;
} hh_offer;

/* The table of that id, or NULL. */
const void *hh_offered(const hh_offer *offers, const char *id);
#endif
