/* host.h: a small host for the checks of libwavefront.so.  It opens the library as dmo does and calls nothing but
 * what dmo.h offers. */
#ifndef WAVEFRONT_TEST_HOST_H
#define WAVEFRONT_TEST_HOST_H
#include <dmo/dmo.h>
#include <stdbool.h>

typedef struct simulator {
  const dmo_problem *problem;
  dmo_instance instance;
  const dmo_spec *spec;
  const dmo_gradient *gradient;
  const dmo_batch *batch;
  const dmo_composite *composite;
  const dmo_artifacts *artifacts;
  const dmo_reference *reference;
  size_t x_count, y_count;
  char message[512];
} simulator;

/* Opens the library; exits with a message when that fails. */
void open_library(const char *path);
/* options: "key=value" texts up to NULL; the rest have their defaults. */
dmo_status start(simulator *self, const char *const *options);
void finish(simulator *self);
dmo_status evaluate(simulator *self, const double *x, double *y);
dmo_status vjp(simulator *self, const double *x, const double *ybar, double *xbar, double *y);
dmo_status jvp(simulator *self, const double *x, const double *xdot, double *ydot, double *y);
/* The first number of an output in y. */
size_t place(const simulator *self, const char *output);
double *numbers(size_t count);                     /* malloc that cannot fail */
double uniform(uint64_t *state, double low, double high);

/* Prints "name: value <= limit" and remembers a failure; NaN fails. */
void check_at_most(const char *name, double value, double limit);
void check(const char *name, bool holds);
int failures(void);

/* |a - b| / |b|, 2-norms. */
double relative_distance(const double *a, const double *b, size_t count);

void check_oracle(const char *shared);             /* check_oracle.c */
void check_direct_sum(void);                       /* check_physics.c */
void check_reference(void);
void check_artifacts(void);
void check_black_mask(void);
void check_descent(void);                          /* check_descent.c */
void check_derivatives(void);                      /* check_derivatives.c */
void check_batch(void);                            /* check_interface.c */
void check_compose(void);
void check_inputs(void);
void check_threads(void);                          /* check_threads.c */
void check_options(void);                          /* check_options.c */
void check_target_files(const char *folder);
#endif
