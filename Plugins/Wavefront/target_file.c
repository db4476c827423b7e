/* target_file.c: reads `target_field` of a JSON file, in any of the forms that array_file.h takes. */
#include "wavefront.h"
#include <array_file.h>
#include <stdio.h>
#include <string.h>

dmo_status wf_read_target(const char *path, size_t grid, fftw_complex *field, const dmo_text *error) {
  char reason[512];
  array_want want = { .key = "target_field", .flags = ARRAY_FINITE | ARRAY_COMPLEX };
  if (array_file_read(path, &want, 1, reason, sizeof reason)) {
    wf_say(error, "option target: %s", reason);
    return DMO_BAD_INPUT;
  }
  const number_array *array = &want.array;
  bool fits = array->values && array->rank == 2 && array->shape[0] == grid && array->shape[1] == grid;
  if (fits) memcpy(field, array->values, array->count * sizeof *field);
  else wf_say(error, "option target: %s needs the key \"target_field\" with shape [%zu, %zu], as option grid says",
              path, grid, grid);
  array_file_free(&want, 1);
  return fits ? DMO_OK : DMO_BAD_INPUT;
}
