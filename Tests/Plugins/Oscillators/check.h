/* What the checks of liboscillators.so share: the plugin's functions behind short names, and a report. */
#ifndef OSCILLATORS_CHECK_H
#define OSCILLATORS_CHECK_H
#include <dmo/dmo.h>

/* Prints "ok" or "FAIL", the name, the value and its limit; NaN fails.  Failures are counted for the exit status. */
void check_at_most(double value, double limit, const char *format, ...) __attribute__((format(printf, 3, 4)));
void check_that(int condition, const char *format, ...) __attribute__((format(printf, 2, 3)));
int check_failures(void);

typedef struct plugin {
  const dmo_problem *problem;
  const dmo_gradient *gradient;
  const dmo_batch *batch;
  const dmo_composite *composite;
  const dmo_reference *reference;
} plugin;

/* Opens the library and finds `cnon` and its extensions; ends the program if one is missing. */
plugin plugin_open(const char *path);

/* Options as "key=value" texts, ended by NULL; NULL on failure, with the reason in error[512]. */
dmo_instance make(const plugin *, char *error, const char *const *settings);
/* The same with settings that must be right; ends the program otherwise. */
#define MAKE(p, ...) make_or_exit(p, (const char *const[]){__VA_ARGS__, NULL})
dmo_instance make_or_exit(const plugin *, const char *const *settings);
size_t size_of(const plugin *, dmo_instance);

/* One call; y has n + 1 numbers. */
dmo_status evaluate(const plugin *, dmo_instance, const double *x, double *y);
dmo_status vjp(const plugin *, dmo_instance, const double *x, const double *ybar, double *xbar, double *y);
dmo_status jvp(const plugin *, dmo_instance, const double *x, const double *xdot, double *ydot, double *y);

/* Repeatable numbers in [-1, 1), and zeroed memory that ends the program where there is none. */
double next_random(void);
void fill_random(double *values, size_t n, double size);
double *doubles(size_t n);
double largest_difference(const double *a, const double *b, size_t n);
double largest(const double *a, size_t n);

void check_oracle(const plugin *, const char *folder);
void check_cases(const plugin *, const char *path);
void check_reference(const plugin *);
void check_gradient(const plugin *);
void check_long_gradient(const plugin *);
void check_batch(const plugin *);
void check_composite(const plugin *);
void check_buffers(const plugin *);
void check_threads(const plugin *);
void check_cancel(const plugin *);
void check_options(const plugin *);
void check_files(const plugin *, const char *scratch);
#endif
