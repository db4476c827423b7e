/* Networks from JSON files. */
#include "system.h"

#include <array_file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WANT_J, WANT_E, WANT_TARGET, WANT_V0, WANTS };
enum { MAX_N = 2000 };

static void shape_text(const number_array *array, char *text, size_t capacity) {
  size_t used = 0;
  snprintf(text, capacity, "a number");
  for (size_t d = 0; d < array->rank && used < capacity; d++)
    used += (size_t)snprintf(text + used, capacity - used, d ? " x %zu" : "%zu", array->shape[d]);
}

/* Copies a vector of n into `out`; absent is no error. */
static int take_vector(const array_want *want, size_t n, double *out, const char *path, char *error,
                       size_t capacity) {
  char shape[96];
  if (!want->array.values) return 0;
  if (want->array.rank != 1 || want->array.count != n) {
    shape_text(&want->array, shape, sizeof shape);
    snprintf(error, capacity, "%s: %s is %s, but J has %zu rows: give one number for each row", path, want->key, shape,
             n);
    return -1;
  }
  memcpy(out, want->array.values, n * sizeof(double));
  return 0;
}

static int assemble(osc_system *system, const array_want *wants, const char *path, char *error, size_t capacity) {
  const number_array *j = &wants[WANT_J].array;
  char shape[96];
  for (int i = WANT_J; i <= WANT_E; i++)
    if (!wants[i].array.values) {
      snprintf(error, capacity, "%s: there are no numbers under the key \"%s\"; J (n x n) and e (n) are required", path,
               wants[i].key);
      return -1;
    }
  if (j->rank != 2 || j->shape[0] != j->shape[1] || j->shape[0] == 0 || j->shape[0] > MAX_N) {
    shape_text(j, shape, sizeof shape);
    snprintf(error, capacity, "%s: J is %s; it must be a square matrix of 1 to %d rows", path, shape, MAX_N);
    return -1;
  }
  if (osc_system_alloc(system, j->shape[0])) {
    snprintf(error, capacity, "out of memory for %zu oscillators", j->shape[0]);
    return -1;
  }
  memcpy(system->matrix, j->values, j->count * sizeof(double));
  if (take_vector(&wants[WANT_E], system->n, system->drive, path, error, capacity) ||
      take_vector(&wants[WANT_TARGET], system->n, system->target, path, error, capacity) ||
      take_vector(&wants[WANT_V0], system->n, system->velocity, path, error, capacity)) {
    osc_system_free(system);
    return -1;
  }
  return 0;
}

int osc_system_read(osc_system *system, const char *path, char *error, size_t capacity) {
  array_want wants[WANTS] = {{.key = "J"}, {.key = "e"}, {.key = "target"}, {.key = "v0"}};
  for (int i = 0; i < WANTS; i++) wants[i].flags = ARRAY_FINITE;
  int failed = array_file_read(path, wants, WANTS, error, capacity);
  if (!failed) failed = assemble(system, wants, path, error, capacity);
  array_file_free(wants, WANTS);
  return failed;
}
