/* Arrays of numbers from JSON files. */
#include "json.h"
#include "json_scan.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = sizeof((osc_array *)0)->shape / sizeof(size_t) };
static const size_t UNKNOWN = SIZE_MAX;

static int push(json_scanner *s, osc_array *array, double value) {
  /* The room doubles whenever the count is a power of two. */
  if (array->count == 0 || (array->count & (array->count - 1)) == 0) {
    double *more = realloc(array->values, (array->count ? 2 * array->count : 1) * sizeof(double));
    if (!more) return json_fail(s, "the array does not fit into memory");
    array->values = more;
  }
  array->values[array->count++] = value;
  return 0;
}

/* A list whose items are numbers or again lists, `depth` lists deep; shapes are learnt from the first of each depth. */
static int read_lists(json_scanner *s, osc_array *array, size_t depth) {
  int first = 1, more;
  size_t items = 0;
  if (depth == MAX_RANK) return json_fail(s, "an array has more than 4 dimensions");
  if (json_expect(s, '[')) return -1;
  for (; (more = json_next_item(s, &first)) > 0; items++) {
    double value;
    if (json_peek(s) == '[') {
      if (array->rank == depth + 1) return json_fail(s, "a list stands where the array has numbers");
      if (read_lists(s, array, depth + 1)) return -1;
      continue;
    }
    if (array->rank == UNKNOWN) array->rank = depth + 1;
    if (array->rank != depth + 1) return json_fail(s, "a number stands where the array has lists");
    if (json_peek(s) == '"') return json_fail(s, "a string among the numbers; every entry must be a finite number");
    if (json_number(s, &value) || push(s, array, value)) return -1;
  }
  if (more < 0) return -1;
  if (array->rank == UNKNOWN) array->rank = depth + 1;
  if (array->shape[depth] == UNKNOWN) array->shape[depth] = items;
  if (array->shape[depth] != items) return json_fail(s, "the lists of an array differ in length");
  return 0;
}

static void forget(osc_array *array) {
  free(array->values);
  *array = (osc_array){.rank = UNKNOWN, .shape = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN}};
}

/* The raw binary `name`, in the folder of the JSON file: 8 bytes a number, as many as it holds. */
static int read_binary(json_scanner *s, const char *name, const char *dtype, osc_array *array) {
  const char *slash = strrchr(s->path, '/');
  int integers = !strcmp(dtype, "int64");
  if (!integers && strcmp(dtype, "float64")) return json_fail(s, "dtype must be \"float64\" or \"int64\"");
  size_t folder = slash && name[0] != '/' ? (size_t)(slash - s->path) + 1 : 0;
  size_t room = folder + strlen(name) + 1, size = 0;
  char *path = malloc(room);
  if (!path) return json_fail(s, "out of memory");
  snprintf(path, room, "%.*s%s", (int)folder, s->path, name);
  char *bytes = osc_file_read(path, &size, s->error, s->capacity);
  free(path);
  if (!bytes) return -1;
  forget(array);
  array->count = size / 8;
  array->values = malloc(size ? size : 1);
  for (size_t i = 0; array->values && i < array->count; i++) {
    uint64_t bits = 0;
    for (int b = 7; b >= 0; b--) bits = bits << 8 | (unsigned char)bytes[8 * i + (size_t)b];
    if (integers) array->values[i] = (double)(int64_t)bits;
    else memcpy(&array->values[i], &bits, 8);
  }
  free(bytes);
  if (!array->values) return json_fail(s, "the binary file does not fit into memory");
  return size % 8 ? json_fail(s, "the binary file is not a whole number of 8-byte numbers") : 0;
}

/* {shape, values} or {shape, dtype, file}, its keys in any order. */
static int read_described(json_scanner *s, osc_array *array) {
  osc_array shape = {0};
  char key[32], dtype[32] = "", name[4096] = "";
  int first = 1, more, failed = json_expect(s, '{');
  forget(&shape);
  while (!failed && (more = json_next_key(s, &first, key, sizeof key)) != 0) {
    if (more < 0) failed = 1;
    else if (!strcmp(key, "shape")) { forget(&shape); failed = read_lists(s, &shape, 0); }
    else if (!strcmp(key, "values")) { forget(array); failed = read_lists(s, array, 0); }
    else if (!strcmp(key, "dtype")) failed = json_string(s, dtype, sizeof dtype);
    else if (!strcmp(key, "file")) failed = json_string(s, name, sizeof name);
    else failed = json_skip(s);
  }
  if (!failed && name[0]) failed = read_binary(s, name, dtype, array);
  else if (!failed && array->rank == UNKNOWN) failed = json_fail(s, "an array has neither \"values\" nor \"file\"");
  if (!failed && (shape.rank != 1 || shape.count == 0 || shape.count > MAX_RANK))
    failed = json_fail(s, "\"shape\" must list 1 to 4 lengths");
  size_t total = 1;
  for (size_t d = 0; !failed && d < shape.count; d++) {
    double length = shape.values[d];
    if (!(length >= 1 && length <= 1e6) || length != (double)(size_t)length)
      failed = json_fail(s, "\"shape\" holds something other than a length from 1 to a million");
    else if ((total *= array->shape[d] = (size_t)length) > array->count)
      break;
  }
  if (!failed && total != array->count)
    failed = json_fail(s, "\"shape\" does not match the number of values");
  array->rank = shape.count;
  free(shape.values);
  return failed ? -1 : 0;
}

static int read_value(json_scanner *s, osc_array *array) {
  char c = json_peek(s);
  forget(array);
  if (c == '[') return read_lists(s, array, 0);
  if (c == '{') return read_described(s, array);
  double value;
  if (json_number(s, &value) || push(s, array, value)) return -1;
  array->rank = 0;
  return 0;
}

int osc_json_read(const char *path, osc_json_want *wants, size_t count, char *error, size_t capacity) {
  size_t size;
  for (size_t i = 0; i < count; i++) wants[i].array = (osc_array){0};
  char *text = osc_file_read(path, &size, error, capacity), key[64];
  if (!text) return -1;
  json_scanner s = {.path = path, .begin = text, .at = text, .error = error, .capacity = capacity};
  int first = 1, more = json_peek(&s) == '{' ? 1 : json_fail(&s, "a JSON object must begin here");
  if (more > 0) s.at++;
  while (more > 0 && (more = json_next_key(&s, &first, key, sizeof key)) > 0) {
    size_t i = 0;
    while (i < count && strcmp(wants[i].key, key)) i++;
    if (i < count ? read_value(&s, &wants[i].array) : json_skip(&s)) more = -1;
  }
  if (!more && json_peek(&s)) more = json_fail(&s, "text follows the JSON object");
  if (!more && (size_t)(s.at - text) != size) more = json_fail(&s, "a NUL byte stands in the file");
  free(text);
  return more;
}
