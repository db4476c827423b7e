/* One `cnon` problem with its options: what every call shares. */
#ifndef OSCILLATORS_INSTANCE_H
#define OSCILLATORS_INSTANCE_H
#include "options.h"
#include "pool.h"
#include "system.h"

/* Outputs: qT[0] ... qT[n-1], loss.  y has n + 1 numbers. */
typedef struct osc_instance {
  const osc_kernels *kernels;
  osc_network network;
  size_t n;
  int norm;
  size_t segment;            /* steps on the tape at a time; see gradient.c                    */
  size_t chunk;              /* steps of one point between two looks at cancelled()           */
  osc_pool forward, gradient;
  dmo_param params[1];
  dmo_output outputs[2];
  dmo_spec spec;
  double *start;             /* n: leads to the target exactly; NULL when unknown. Then y: n + 1 */
  dmo_reference_point points[3];
  const dmo_reference_point *point_list[3];
  size_t point_count;
} osc_instance;

/* instance.c: the functions of dmo_problem, and reference points. */
dmo_status osc_create(const dmo_host *, const char *const *texts, dmo_instance *, dmo_text *error);
void osc_destroy(dmo_instance);
const dmo_spec *osc_describe(dmo_instance);
size_t osc_points(dmo_instance, const dmo_reference_point *const **);

/* evaluate.c */
dmo_status osc_evaluate(dmo_instance, const dmo_call *, dmo_result *);
dmo_status osc_evaluate_batch(dmo_instance, const dmo_call *const *, dmo_result *const *, dmo_status *, size_t n);
/* Advances by `steps`, looking at call->cancelled() now and then; `tape` as the kernels'.  For progress(), `done` of
 * `total` steps lie behind.  DMO_OK or DMO_CANCELLED. */
dmo_status osc_advance(const osc_instance *, const dmo_call *, const osc_state *, size_t steps, double *tape,
                       size_t done, size_t total);
/* DMO_OK if the call is one that this instance can answer, else the status with its message in `out`. */
dmo_status osc_check(const osc_instance *, const dmo_call *, dmo_result *out);
/* Writes a message into out->message and returns the status. */
dmo_status osc_refuse(dmo_result *out, dmo_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* gradient.c */
size_t osc_gradient_segment(const osc_network *);
size_t osc_gradient_doubles(const osc_network *, size_t segment);
dmo_status osc_vjp(dmo_instance, const dmo_call *, const double *ybar, double *xbar, dmo_result *);
dmo_status osc_jvp(dmo_instance, const dmo_call *, const double *xdot, double *ydot, dmo_result *);

/* composite.c */
double osc_loss(const osc_instance *, const double *qT);
/* gradient[i] += weight * d loss / d qT[i]; where the norm has a kink, the subgradient 0. */
void osc_loss_gradient(const osc_instance *, const double *qT, double weight, double *gradient);
dmo_status osc_compose(dmo_instance, size_t n, const double *x, size_t x_count, double *y, size_t y_count);
dmo_status osc_compose_vjp(dmo_instance, size_t n, const double *x, size_t x_count, const double *y, size_t y_count,
                           const double *ybar, double *zbar, double *xbar);

/* golden.c: points of the default problem by an independent program. */
enum { OSC_GOLDEN_N = 20, OSC_GOLDEN_COUNT = 2 };
extern const double osc_golden_x[OSC_GOLDEN_COUNT][OSC_GOLDEN_N];
extern const double osc_golden_y[OSC_GOLDEN_COUNT][OSC_GOLDEN_N + 1];
#endif
