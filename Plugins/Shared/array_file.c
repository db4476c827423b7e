/* Arrays of numbers from JSON files: cJSON reads the syntax, this file what the values mean. */
#include "array_file.h"
#include "array_source.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t MAX_NUMBERS = (size_t)1 << 26;

static int read_number(const array_source *r, const cJSON *node, double *value) {
  static const struct { const char *word; double value; } words[] = {{"inf", INFINITY}, {"-inf", -INFINITY},
                                                                     {"nan", NAN}};
  if (cJSON_IsNumber(node)) {
    *value = node->valuedouble;
    return isinf(*value) ? array_fail(r, "a number is beyond the range of double precision") : 0;
  }
  if (r->flags & ARRAY_FINITE) return array_fail(r, "every entry must be a finite number");
  for (size_t i = 0; cJSON_IsString(node) && i < sizeof words / sizeof words[0]; i++)
    if (!strcmp(node->valuestring, words[i].word)) return *value = words[i].value, 0;
  return array_fail(r, "an entry is neither a number nor \"inf\", \"-inf\" or \"nan\"");
}

/* Copies the numbers of a list `depth` lists deep to *out; each list must be as long as the shape says. */
static int copy_list(const array_source *r, const cJSON *list, const number_array *array, size_t depth, double **out) {
  size_t items = 0;
  for (const cJSON *item = list->child; item && items <= array->shape[depth]; item = item->next) {
    if (++items > array->shape[depth]) break;
    if (depth + 1 < array->rank) {
      if (!cJSON_IsArray(item)) return array_fail(r, "a single value stands where the array has lists");
      if (copy_list(r, item, array, depth + 1, out)) return -1;
    } else {
      if (cJSON_IsArray(item)) return array_fail(r, "a list stands where the array has numbers");
      if (read_number(r, item, (*out)++)) return -1;
    }
  }
  return items == array->shape[depth] ? 0 : array_fail(r, "the lists of the array differ in length");
}

/* Appends a length to the shape; 0, or -1 when the array gets too large. */
static int add_length(const array_source *r, number_array *array, size_t length) {
  if (array->rank == ARRAY_MAX_RANK) return array_fail(r, "an array has more than %d dimensions", ARRAY_MAX_RANK);
  if (length > MAX_NUMBERS || (length && array->count > MAX_NUMBERS / length))
    return array_fail(r, "an array has more than %zu numbers", MAX_NUMBERS);
  array->shape[array->rank++] = length;
  array->count *= length;
  return 0;
}

/* A number, or nested lists; the first list of each depth gives the shape. */
static int read_lists(const array_source *r, const cJSON *node, number_array *array) {
  *array = (number_array){.count = 1};
  for (const cJSON *list = node; cJSON_IsArray(list); list = list->child)
    if (add_length(r, array, (size_t)cJSON_GetArraySize(list))) return -1;
  double *out = array->values = malloc((array->count + 1) * sizeof *out);
  if (!out) return array_fail(r, "the array does not fit into memory");
  return array->rank ? copy_list(r, node, array, 0, &out) : read_number(r, node, out);
}

static int read_shape(const array_source *r, const cJSON *node, number_array *array) {
  *array = (number_array){.count = 1};
  if (!cJSON_IsArray(node) || !node->child) return array_fail(r, "\"shape\" must list 1 to %d lengths", ARRAY_MAX_RANK);
  for (const cJSON *item = node->child; item; item = item->next) {
    double length = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(length >= 0 && length <= (double)MAX_NUMBERS) || length != floor(length))
      return array_fail(r, "\"shape\" holds something other than a length from 0 to %zu", MAX_NUMBERS);
    if (add_length(r, array, (size_t)length)) return -1;
  }
  return 0;
}

/* Lists, flat or nested as `array`, whose shape is set and whose values they become. */
static int read_shaped(const array_source *r, const cJSON *node, number_array *array) {
  number_array lists;
  int failed = read_lists(r, node, &lists);
  array->values = lists.values;
  if (failed) return failed;
  if (lists.count == array->count && lists.rank == 1) return 0;
  if (lists.rank == array->rank && !memcmp(lists.shape, array->shape, lists.rank * sizeof lists.shape[0])) return 0;
  return array_fail(r, "\"shape\" does not match the values, which are %zu", lists.count);
}

/* Whether a file name stays in the folder that it is relative to. */
static int stays_inside(const char *name) {
  if (!*name || *name == '/') return 0;
  for (; name; name = strchr(name, '/'), name += name != NULL)
    if (!strncmp(name, "..", 2) && (!name[2] || name[2] == '/')) return 0;
  return 1;
}

/* The file of `array`, whose shape is set.  *pairs: whether it holds complex numbers. */
static int read_binary(const array_source *r, const char *name, const char *dtype, number_array *array, int *pairs) {
  int integers = dtype && !strcmp(dtype, "int64");
  *pairs = dtype && !strcmp(dtype, "complex128");
  if (!integers && !*pairs && (!dtype || strcmp(dtype, "float64")))
    return array_fail(r, "dtype must be \"float64\", \"int64\" or \"complex128\"");
  if (!name || !stays_inside(name))
    return array_fail(r, "\"file\" must name a file relative to the JSON file's folder and inside it, without \"..\"");
  const char *slash = strrchr(r->path, '/');
  size_t folder = slash ? (size_t)(slash - r->path) + 1 : 0, room = folder + strlen(name) + 1, size = 0;
  size_t numbers = array->count * (*pairs ? 2 : 1);
  char *path = malloc(room);
  if (!path) return array_fail(r, "out of memory");
  snprintf(path, room, "%.*s%s", (int)folder, r->path, name);
  char *bytes = numbers ? array_read_file(r, path, name, 8 * numbers, &size) : calloc(1, 8);
  free(path);
  array->values = (double *)bytes;
  if (!bytes) return -1;
  for (size_t i = 0; i < numbers; i++) {
    uint64_t bits = 0;
    for (int b = 7; b >= 0; b--) bits = bits << 8 | (unsigned char)bytes[8 * i + (size_t)b];
    if (integers) array->values[i] = (double)(int64_t)bits;
    else memcpy(&array->values[i], &bits, 8);
  }
  return 0;
}

/* Makes pairs of the real parts and, where there are any, the imaginary ones. */
static int make_pairs(const array_source *r, number_array *array, const double *im) {
  double *pairs = malloc((array->count + 1) * 2 * sizeof *pairs);
  if (!pairs) return array_fail(r, "the array does not fit into memory");
  for (size_t i = 0; i < array->count; i++) {
    pairs[2 * i] = array->values[i];
    pairs[2 * i + 1] = im ? im[i] : 0;
  }
  free(array->values);
  array->values = pairs;
  return 0;
}

static const cJSON *member(const cJSON *object, const char *key) {
  const cJSON *last = NULL;
  if (cJSON_IsObject(object))
    for (const cJSON *item = object->child; item; item = item->next)
      if (!strcmp(item->string, key)) last = item;
  return last;
}

static int read_value(const array_source *r, const cJSON *node, number_array *array) {
  const cJSON *file = member(node, "file"), *values = member(node, "values");
  const cJSON *re = member(node, "re"), *im = member(node, "im");
  int pairs = 0, failed;
  if (!cJSON_IsObject(node)) failed = read_lists(r, node, array);
  else if ((failed = read_shape(r, member(node, "shape"), array))) return failed;
  else if (file)
    failed = read_binary(r, cJSON_GetStringValue(file), cJSON_GetStringValue(member(node, "dtype")), array, &pairs);
  else if (values) failed = read_shaped(r, values, array);
  else if (re && im) {
    number_array imaginary = *array;
    failed = read_shaped(r, re, array) || read_shaped(r, im, &imaginary) || make_pairs(r, array, imaginary.values);
    free(imaginary.values);
    pairs = 1;
  } else failed = array_fail(r, "an array has neither \"values\" nor \"file\" nor both \"re\" and \"im\"");
  if (failed) return -1;
  if (r->flags & ARRAY_SINGLE && array->rank) return array_fail(r, "it must be a single number");
  if (pairs && !(r->flags & ARRAY_COMPLEX)) return array_fail(r, "complex numbers stand where real ones are expected");
  if (!pairs && r->flags & ARRAY_COMPLEX && make_pairs(r, array, NULL)) return -1;
  size_t numbers = array->count * (r->flags & ARRAY_COMPLEX ? 2 : 1);
  for (size_t i = 0; r->flags & ARRAY_FINITE && i < numbers; i++)
    if (!isfinite(array->values[i])) return array_fail(r, "number %zu is not finite", i);
  return 0;
}

int array_file_read(const char *path, array_want *wants, size_t count, char *error, size_t capacity) {
  for (size_t i = 0; i < count; i++) wants[i].array = (number_array){0};
  array_source r = {.path = path, .error = error, .capacity = capacity};
  cJSON *root = array_parse(&r);
  int failed = !root;
  for (size_t i = 0; !failed && i < count; i++) {
    const cJSON *node = member(wants[i].inside ? member(root, wants[i].inside) : root, wants[i].key);
    r.key = wants[i].key, r.flags = wants[i].flags;
    if (node) failed = read_value(&r, node, &wants[i].array);
  }
  cJSON_Delete(root);
  if (failed) array_file_free(wants, count);
  return failed ? -1 : 0;
}

void array_file_free(array_want *wants, size_t count) {
  for (size_t i = 0; i < count; i++) {
    free(wants[i].array.values);
    wants[i].array = (number_array){0};
  }
}

double array_number(const array_want *want, double otherwise) {
  return want->array.values ? want->array.values[0] : otherwise;
}
