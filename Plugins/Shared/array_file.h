/* Reads arrays of numbers from a JSON file and the raw binaries beside it: what option files of plugins hold. */
#ifndef PLUGIN_ARRAY_FILE_H
#define PLUGIN_ARRAY_FILE_H
#include <stddef.h>

enum { ARRAY_MAX_RANK = 4 };

/* A rectangular array in row-major order; count is the product of the shape, 1 for a single number (rank 0). */
typedef struct number_array {
  size_t rank, count, shape[ARRAY_MAX_RANK];
  double *values;            /* count doubles, or count pairs (re, im) with ARRAY_COMPLEX                          */
} number_array;

enum {
  ARRAY_FINITE = 1,          /* refuse infinities and NaN                                                          */
  ARRAY_COMPLEX = 2,         /* accept complex numbers; values always holds pairs, real numbers having im = 0      */
  ARRAY_SINGLE = 4,          /* accept nothing but a single number                                                 */
};

typedef struct array_want {
  const char *key;
  const char *inside;        /* the object of the top level that holds the key; NULL: the top level itself         */
  unsigned flags;
  number_array array;        /* out; values is NULL when the file has no such key                                  */
} array_want;

/* Reads the wanted keys of the file's top-level object.  Each holds
 *   - a number, or nested lists of equal length; the strings "inf", "-inf" and "nan" stand for numbers,
 *   - {"shape", "values"}, the values flat or nested as the shape says,
 *   - {"shape", "re", "im"}, the same twice, or
 *   - {"shape", "dtype", "file"}: raw little-endian "float64", "int64" (rounded to double) or "complex128", (re, im),
 *     in a file named relative to the JSON file's folder, not outside it, and of exactly the shape's size.
 * Other keys are ignored; of a repeated key the last counts.  At most 128 MiB of JSON and 2^26 numbers a key.
 * Any locale.  Returns 0, or -1 with the reason, which names file and key, in error[capacity]; then no array is left
 * to free.  Else array_file_free() releases them.  O(file).  [any thread] */
int array_file_read(const char *path, array_want *wants, size_t count, char *error, size_t capacity);
void array_file_free(array_want *wants, size_t count);

/* The number of a want with ARRAY_SINGLE, or `otherwise` where the file has no such key. */
double array_number(const array_want *want, double otherwise);
#endif
