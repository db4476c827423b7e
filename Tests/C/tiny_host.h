/* tiny_host.h: the least a C program needs to drive a dmo plugin, for checks that must not depend on the engine. */
#ifndef TINY_HOST_H
#define TINY_HOST_H
#include <dmo/dmo.h>

typedef struct tiny_host {
  const dmo_plugin *plugin;
  const dmo_problem *problem;
  const dmo_spec *spec;
  dmo_instance instance;
  size_t x_count, y_count;
} tiny_host;

extern dmo_host tiny_host_table;             /* what plugins see: one thread; set scratch_dir before tiny_open() */
/* Each of these prints the reason and ends the program on failure: a check has nothing else to do then. */
const dmo_plugin *tiny_open(const char *path);
/* `settings` are "key=value" texts; every other option has its default. */
void tiny_create(tiny_host *h, const dmo_plugin *plugin, const char *problem_id, const char *const *settings,
                 size_t setting_count);
void tiny_destroy(tiny_host *h);
/* Evaluates one point; y is filled with NaN first, `message` (of 512 bytes) may be NULL. */
dmo_status tiny_evaluate(tiny_host *h, const double *x, double *y, char *message);
dmo_call tiny_call(const tiny_host *h, const double *x);
/* The place of an output in y; ends the program when there is none of that id. */
size_t tiny_output(const tiny_host *h, const char *id);
void tiny_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
double tiny_cpu_seconds(void);               /* of this process, all threads */
long tiny_resident_bytes(void);
/* splitmix64: [0, 1) from a state of one word. */
double tiny_random(uint64_t *state);
/* A pseudo-random point inside the bounds: integers exact, steps on their grid. */
void tiny_random_point(const tiny_host *h, uint64_t *state, double *x);
#endif
