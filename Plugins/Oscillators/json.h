/* Reads arrays of numbers from a JSON file (RFC 8259), key by key. */
#ifndef OSCILLATORS_JSON_H
#define OSCILLATORS_JSON_H
#include <stddef.h>

/* A rectangular array in row-major order; `values` is the caller's to free(). */
typedef struct osc_array {
  size_t rank, count, shape[4];
  double *values;
} osc_array;

typedef struct osc_json_want {
  const char *key;
  osc_array array;           /* out; values is NULL when the file has no such key */
} osc_json_want;

/* Reads the top-level object of the file.  Each wanted key holds a number, nested lists of equal length, or an object
 * {shape, values} or {shape, dtype, file}: `file` a raw little-endian binary ("float64" or "int64") in the JSON file's
 * folder.  Other keys are checked for syntax and skipped; of a repeated key the last value counts.  The C numeric
 * locale must be in force.  0, or -1 with the reason in error[capacity]; either way the caller frees every array.
 * O(file). */
int osc_json_read(const char *path, osc_json_want *wants, size_t count, char *error, size_t capacity);

/* The whole file and a NUL behind it, *size without the NUL; NULL with the reason.  free() it. */
char *osc_file_read(const char *path, size_t *size, char *error, size_t capacity);
#endif
