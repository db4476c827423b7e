/* The least of a dmo host: opens the plugin, makes instances, calls them, and counts what goes wrong. */
#ifndef HH_TEST_HOST_H
#define HH_TEST_HOST_H
#include <dmo/dmo.h>
#include <stdio.h>

typedef struct instance {
  const dmo_problem *problem;
  dmo_instance self;
  const dmo_spec *spec;
  size_t x_count, y_count;
  char error[512];
} instance;

/* Ends the program when the library is no plugin. */
void load_plugin(const char *path);
void use_shared(const char *folder);

/* options: "key=value" texts, NULL-terminated; unset ones take their defaults.  Ends the program when create() fails
 * and `refused` is NULL, else sets it. */
instance open_problem(const char *id, const char *const *options, int *refused);
#define OPEN(id, ...) open_problem(id, (const char *const[]){__VA_ARGS__ __VA_OPT__(,) NULL}, NULL)
void close_problem(instance *instance);

/* Where output `id` starts in y. */
size_t output_at(const instance *instance, const char *id);

dmo_status evaluate(instance *instance, const double *x, double *y);
dmo_status evaluate_batch(instance *instance, const double *x, double *y, dmo_status *statuses, size_t n);

/* Prints the figure and fails the run when it is above the limit, or not a number. */
void check_at_most(const char *what, double figure, double limit);
void check(const char *what, int truth);

/* ../shared of the repository, or DMO_SHARED; NULL when there is none. */
const char *shared_folder(void);
/* The array at `key` of oracle/hh/NAME.json; the caller frees it. */
double *oracle_array(const char *name, const char *key, size_t *count);

/* Prints the totals; nonzero when a check failed. */
int report(void);

void test_exponential(void);
void test_trace(void);
void test_cell(void);
void test_network(void);
void test_motoneuron(void);
void test_contract(void);
void check_batch(instance *instance, size_t n, const char *what); /* batch against single, to the bit */
#endif
