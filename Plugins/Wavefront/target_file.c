/* target_file.c: reads `target_field` of a JSON file: {"shape", "dtype", "file"} with a raw little-endian binary beside
 * the JSON file, or {"shape", "re", "im"} with lists, nested or flat, row major. */
#include "json.h"
#include "wavefront.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_CAPACITY = 4096 };

/* The whole file, NUL terminated, to be freed; NULL with a message. */
static char *read_file(const char *path, size_t *size, const dmo_text *error) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    wf_say(error, "option target: cannot open %s", path);
    return NULL;
  }
  char *bytes = NULL;
  long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (end >= 0 && end < (1L << 30) && fseek(file, 0, SEEK_SET) == 0) bytes = malloc((size_t)end + 1);
  if (bytes && fread(bytes, 1, (size_t)end, file) != (size_t)end) {
    free(bytes);
    bytes = NULL;
  }
  fclose(file);
  if (!bytes) {
    wf_say(error, "option target: cannot read %s", path);
    return NULL;
  }
  bytes[end] = '\0';
  *size = (size_t)end;
  return bytes;
}

/* complex128 or float64 from a binary beside the JSON file. */
static dmo_status read_binary(const char *json_path, const char *value, size_t cells, fftw_complex *field,
                              const dmo_text *error) {
  char name[PATH_CAPACITY], dtype[16], path[2 * PATH_CAPACITY];
  const char *dtype_at = wf_json_find(value, "dtype");
  bool is_known = dtype_at && wf_json_text(dtype_at, dtype, sizeof dtype);
  bool is_complex = is_known && strcmp(dtype, "complex128") == 0, is_real = is_known && strcmp(dtype, "float64") == 0;
  if ((!is_complex && !is_real) || !wf_json_text(wf_json_find(value, "file"), name, sizeof name)) {
    wf_say(error, "option target: target_field of %s needs dtype complex128 or float64 and a file name", json_path);
    return DMO_BAD_INPUT;
  }
  const char *slash = strrchr(json_path, '/');
  int folder = slash && name[0] != '/' ? (int)(slash - json_path) + 1 : 0;
  if (snprintf(path, sizeof path, "%.*s%s", folder, json_path, name) >= (int)sizeof path) {
    wf_say(error, "option target: the path of %s is too long", name);
    return DMO_BAD_INPUT;
  }
  size_t size, wanted = cells * (is_complex ? 2 : 1) * sizeof(double);
  char *bytes = read_file(path, &size, error);
  if (!bytes) return DMO_BAD_INPUT;
  if (size == wanted) {
    for (size_t i = 0; i < cells; i++) {
      memcpy(field[i], bytes + i * wanted / cells, wanted / cells);
      if (is_real) field[i][1] = 0;
    }
  } else {
    wf_say(error, "option target: %s has %zu bytes, %zu are needed", path, size, wanted);
  }
  free(bytes);
  return size == wanted ? DMO_OK : DMO_BAD_INPUT;
}

static dmo_status read_lists(const char *json_path, const char *value, size_t cells, fftw_complex *field,
                             const dmo_text *error) {
  const char *keys[] = { "re", "im" };
  double *part = malloc(cells * sizeof *part);
  dmo_status status = part ? DMO_OK : DMO_FAILED;
  for (int k = 0; k < 2 && status == DMO_OK; k++) {
    size_t count = 0;
    const char *list = wf_json_find(value, keys[k]);
    if (!list || !wf_json_numbers(list, part, cells, &count) || count != cells) {
      wf_say(error, "option target: target_field of %s needs `file`, or `re` and `im` with %zu numbers each (%s: %zu)",
             json_path, cells, keys[k], count);
      status = DMO_BAD_INPUT;
    }
    for (size_t i = 0; i < cells && status == DMO_OK; i++) field[i][k] = part[i];
  }
  free(part);
  return status;
}

static dmo_status read_value(const char *path, const char *text, size_t grid, fftw_complex *field,
                             const dmo_text *error) {
  const char *value = wf_json_value(text) ? wf_json_find(text, "target_field") : NULL;
  if (!value) {
    wf_say(error, "option target: %s is not JSON with a key target_field", path);
    return DMO_BAD_INPUT;
  }
  double shape[2] = { 0, 0 };
  size_t dimensions = 0;
  const char *shape_at = wf_json_find(value, "shape");
  if (!shape_at || !wf_json_numbers(shape_at, shape, 2, &dimensions) || dimensions != 2
      || shape[0] != (double)grid || shape[1] != (double)grid) {
    wf_say(error, "option target: target_field of %s must have shape [%zu, %zu], as option grid says", path, grid,
           grid);
    return DMO_BAD_INPUT;
  }
  size_t cells = grid * grid;
  dmo_status status = wf_json_find(value, "file") ? read_binary(path, value, cells, field, error)
                                                  : read_lists(path, value, cells, field, error);
  for (size_t i = 0; i < cells && status == DMO_OK; i++)
    if (!isfinite(field[i][0]) || !isfinite(field[i][1])) {
      wf_say(error, "option target: target_field of %s is not finite at index %zu", path, i);
      status = DMO_BAD_INPUT;
    }
  return status;
}

dmo_status wf_read_target(const char *path, size_t grid, fftw_complex *field, const dmo_text *error) {
  size_t size;
  char *text = read_file(path, &size, error);
  if (!text) return DMO_BAD_INPUT;
  dmo_status status = read_value(path, text, grid, field, error);
  free(text);
  return status;
}
