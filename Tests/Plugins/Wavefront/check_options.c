/* check_options.c: which options are refused, and target files of every form. */
#include "host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuses(const char *title, const char *first, const char *second, dmo_status expected) {
  simulator self;
  dmo_status status = start(&self, (const char *const[]){ first, second, NULL });
  if (status == DMO_OK) finish(&self);
  char line[640];
  snprintf(line, sizeof line, "%s is refused: %.500s", title, self.message);
  check(line, status == expected && self.message[0] != '\0');
}

static bool accepts(const char *first, const char *second) {
  simulator self;
  if (start(&self, (const char *const[]){ first, second, NULL }) != DMO_OK) return false;
  double *x = numbers(self.x_count), *y = numbers(self.y_count);
  bool answers = evaluate(&self, x, y) == DMO_OK;
  for (size_t i = 0; i < self.y_count; i++) answers = answers && isfinite(y[i]);
  free(x), free(y);
  finish(&self);
  return answers;
}

void check_options(void) {
  simulator self;
  refuses("loss=overlap with observe=intensity", "loss=overlap", "observe=intensity", DMO_UNSUPPORTED);
  refuses("a beam narrower than a cell", "waist=1e-9", NULL, DMO_BAD_INPUT);
  refuses("a target outside the window", "separation=1", NULL, DMO_BAD_INPUT);
  refuses("a grid that is no whole number", "grid=2.5", NULL, DMO_BAD_INPUT);
  refuses("a distance of zero", "distance=0", NULL, DMO_BAD_INPUT);
  refuses("a method of another name", "method=fresnel", NULL, DMO_BAD_INPUT);
  check("loss=overlap alone observes the field", start(&self, (const char *const[]){ "loss=overlap", NULL }) == DMO_OK
        && place(&self, "field_im") > place(&self, "field_re"));
  finish(&self);
  check("one block of 3600 periodic phases in 60 columns", start(&self, NULL) == DMO_OK && self.spec->param_count == 1
        && self.spec->params[0].count == 3600 && self.spec->params[0].columns == 60 && self.spec->params[0].periodic
        && self.spec->outputs[place(&self, "loss")].role == DMO_MINIMIZE && self.y_count == 3601);
  finish(&self);
  check("the smallest grid answers", accepts("grid=2", "separation=0"));
  check("the largest grid answers", accepts("grid=512", NULL));
  check("the ends of wavelength answer", accepts("wavelength=1e-9", NULL) && accepts("wavelength=1e-3", NULL));
  check("the ends of distance answer, dim", accepts("distance=1e-9", NULL) && accepts("distance=1000", NULL));
  check("the ends of distance answer, asm", accepts("distance=1e-9", "method=asm")
        && accepts("distance=1000", "method=asm"));
  check("a very wide beam answers", accepts("waist=1", NULL));
}

enum { SIDE = 4, CELLS = SIDE * SIDE };

static void write_file(const char *folder, const char *name, const void *bytes, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) exit(2);
}

/* The loss with a target file of this text; NaN where create refuses it. */
static double loss_with(const char *folder, const char *json, char *message) {
  char option[1100];
  write_file(folder, "target.json", json, strlen(json));
  snprintf(option, sizeof option, "target=%s/target.json", folder);
  simulator self;
  dmo_status status = start(&self, (const char *const[]){ "grid=4", "loss=overlap", option, NULL });
  memcpy(message, self.message, sizeof self.message);
  if (status != DMO_OK) return NAN;
  double *x = numbers(self.x_count), *y = numbers(self.y_count);
  for (size_t i = 0; i < self.x_count; i++) x[i] = 0.1 * (double)i;
  double loss = evaluate(&self, x, y) == DMO_OK ? y[place(&self, "loss")] : NAN;
  free(x), free(y);
  finish(&self);
  return loss;
}

void check_target_files(const char *folder) {
  char message[512];
  double pairs[2 * CELLS], real[CELLS];
  for (size_t i = 0; i < CELLS; i++) {
    pairs[2 * i] = (double)i + 1;
    pairs[2 * i + 1] = 0;
    real[i] = (double)i + 1;
  }
  write_file(folder, "pairs.bin", pairs, sizeof pairs);
  write_file(folder, "real.bin", real, sizeof real);
  write_file(folder, "short.bin", real, sizeof real / 2);
  double by_pairs = loss_with(folder, "{\"target_field\": {\"shape\": [4, 4], \"dtype\": \"complex128\", "
                                      "\"file\": \"pairs.bin\"}}", message);
  check("a complex128 target gives a loss inside 0 .. 1", by_pairs > 0 && by_pairs < 1);
  double by_real = loss_with(folder, "{\"other\": [1, {\"a\": \"}\\\"\"}], \"target_field\" : {\"file\":\"real.bin\","
                                     "\"shape\":[4,4],\"dtype\":\"float64\"}}", message);
  check("a float64 target of the same numbers gives the same loss", by_real == by_pairs);
  double by_list = loss_with(folder, "{\"target_field\":{\"shape\":[4,4],\"re\":[[2,4,6,8],[10,12,14,16],"
                             "[18,20,22,24],[26,28,30,3.2e1]],\"im\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}", message);
  check_at_most("lists of twice these numbers too: scaled to unit power", fabs(by_list - by_pairs), 1e-14);
  const char *const refused[] = {
    "", "{", "[1, 2]", "{\"target_field\": 3}", "{\"target_field\": {\"shape\": [4]}}",
    "{\"target_field\": {\"shape\": [3, 4], \"dtype\": \"float64\", \"file\": \"real.bin\"}}",
    "{\"target_field\": {\"shape\": [4, 4], \"dtype\": \"float32\", \"file\": \"real.bin\"}}",
    "{\"target_field\": {\"shape\": [4, 4], \"dtype\": \"float64\", \"file\": \"short.bin\"}}",
    "{\"target_field\": {\"shape\": [4, 4], \"dtype\": \"float64\", \"file\": \"absent.bin\"}}",
    "{\"target_field\": {\"shape\": [4, 4], \"dtype\": \"a type with a very long name\", \"file\": \"real.bin\"}}",
    "{\"target_field\": {\"shape\": [4, 4], \"re\": [1, 2], \"im\": [0, 0]}}",
    "{\"target_field\": {\"shape\": [4, 4], \"re\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"
      "\"im\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}",
    "{\"target_field\": {\"shape\": [4, 4], \"re\": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,\"nan\"],"
      "\"im\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}",
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    double loss = loss_with(folder, refused[i], message);
    char line[640];
    snprintf(line, sizeof line, "target file %zu is refused: %.500s", i, message);
    check(line, isnan(loss) && message[0] != '\0');
  }
  char deep[2000];
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  check("a target file of 1999 open brackets is refused", isnan(loss_with(folder, deep, message)));
  refuses("a target that does not exist", "target=/nonexistent/target.json", NULL, DMO_BAD_INPUT);
}
