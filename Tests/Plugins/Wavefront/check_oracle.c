/* check_oracle.c: output fields, losses and gradients of TorchOptics 1.0.2 in double precision. */
#include "host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* TorchOptics and the plugin both round k r (4.5e5 at 50 mm) in double, 5e-11 of a radian; its own agreement with a
 * NumPy evaluation is given as 1e-11 (dim) and 5e-16 (asm).  The project's promise is 1e-6. */
static const double field_tolerance = 1e-10, loss_tolerance = 1e-10, gradient_tolerance = 1e-9;

enum { SIDE = 60, CELLS = SIDE * SIDE, ANSWERS = 4 };

static char *read_all(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  if (!bytes || fread(bytes, 1, *size, file) != *size) exit(2);
  bytes[*size] = '\0';
  fclose(file);
  return bytes;
}

/* What follows "key": in the oracle's own files, whose keys are unique. */
static const char *after(const char *text, const char *key) {
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(text, quoted);
  if (!at) {
    fprintf(stderr, "the oracle lacks %s\n", key);
    exit(2);
  }
  return at + strlen(quoted);
}

static void read_values(const char *text, const char *key, double *values) {
  const char *at = strchr(strstr(after(text, key), "\"values\""), '[') + 1;
  for (size_t i = 0; i < CELLS; i++) {
    char *end;
    values[i] = strtod(at, &end);
    at = end + strspn(end, ", ");
  }
}

static void compare(simulator *field, simulator *intensity, const char *folder, const char *text, const char *name,
                    int answer) {
  char key[64], path[1024], title[1200];
  double *x = numbers(CELLS), *y = numbers(field->y_count), *ybar = numbers(field->y_count), *xbar = numbers(CELLS);
  double *gradient = numbers(CELLS), *light = numbers(CELLS), *seen = numbers(intensity->y_count);
  snprintf(key, sizeof key, "phase_%d", answer);
  read_values(text, key, x);
  snprintf(key, sizeof key, "grad_%d", answer);
  read_values(text, key, gradient);
  snprintf(path, sizeof path, "%s/%s/output_field_%d.bin", folder, name, answer);
  size_t size, re = place(field, "field_re"), im = place(field, "field_im"), loss = place(field, "loss");
  double *out = (double *)read_all(path, &size), *mine = numbers(2 * CELLS);
  if (size != 2 * CELLS * sizeof *out) exit(2);
  ybar[loss] = 1;
  check("oracle: vjp answers", vjp(field, x, ybar, xbar, y) == DMO_OK);
  for (size_t i = 0; i < CELLS; i++) {
    mine[2 * i] = y[re + i];
    mine[2 * i + 1] = y[im + i];
    light[i] = out[2 * i] * out[2 * i] + out[2 * i + 1] * out[2 * i + 1];
  }
  snprintf(key, sizeof key, "loss_%d", answer);
  double known_loss = strtod(after(text, key), NULL);
  snprintf(title, sizeof title, "%s %d: output field, relative", name, answer);
  check_at_most(title, relative_distance(mine, out, 2 * CELLS), field_tolerance);
  snprintf(title, sizeof title, "%s %d: loss, absolute", name, answer);
  check_at_most(title, fabs(y[loss] - known_loss), loss_tolerance);
  /* The flat mask sits where the gradient is rounding noise alone: compare with the size of a real gradient. */
  double size_of_gradient = 0, difference = 0;
  for (size_t i = 0; i < CELLS; i++) {
    size_of_gradient += gradient[i] * gradient[i];
    difference += (xbar[i] - gradient[i]) * (xbar[i] - gradient[i]);
  }
  snprintf(title, sizeof title, "%s %d: gradient, relative or 1e-12 absolute", name, answer);
  check_at_most(title, sqrt(difference) / fmax(sqrt(size_of_gradient), 1e-12 / gradient_tolerance), gradient_tolerance);
  check("oracle: evaluate answers", evaluate(intensity, x, seen) == DMO_OK);
  snprintf(title, sizeof title, "%s %d: output intensity, relative", name, answer);
  check_at_most(title, relative_distance(seen + place(intensity, "intensity"), light, CELLS), 2 * field_tolerance);
  free(x), free(y), free(ybar), free(xbar), free(gradient), free(light), free(seen), free(out), free(mine);
}

static void check_case(const char *folder, const char *name, const char *method) {
  char path[1024], target[1100], distance[64], how[32];
  snprintf(path, sizeof path, "%s/%s.json", folder, name);
  snprintf(target, sizeof target, "target=%s", path);
  snprintf(how, sizeof how, "method=%s", method);
  size_t size;
  char *text = read_all(path, &size);
  snprintf(distance, sizeof distance, "distance=%.17g", strtod(after(text, "z_m"), NULL));
  const char *const options[] = { how, distance, target, "loss=overlap", "observe=field", NULL };
  simulator field, intensity;
  if (start(&field, options) != DMO_OK || start(&intensity, (const char *const[]){ how, distance, NULL }) != DMO_OK) {
    fprintf(stderr, "%s: %s\n", name, field.message);
    exit(2);
  }
  for (int answer = 0; answer < ANSWERS; answer++) compare(&field, &intensity, folder, text, name, answer);
  finish(&field);
  finish(&intensity);
  free(text);
}

void check_oracle(const char *shared) {
  char folder[900];
  snprintf(folder, sizeof folder, "%s/oracle/optics", shared);
  check_case(folder, "optics_dim_z50mm", "dim");
  check_case(folder, "optics_asm_z10mm", "asm");
}
