/* System files: what is accepted, what is refused and how. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[2048];

static void write_bytes(const char *name, const void *bytes, size_t size) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
    fprintf(stderr, "error: cannot write %s\n", path);
    exit(2);
  }
}

static dmo_instance make_from(const plugin *p, const char *text, size_t size, char *error) {
  char setting[4096];
  write_bytes("system.json", text, size);
  snprintf(setting, sizeof setting, "system=%s/system.json", folder);
  const char *const settings[] = {setting, "T=1", "dt=0.01", NULL};
  return make(p, error, settings);
}

/* q(T) of the network in the text from q(0) = (0.5, -1); NaN when it is refused. */
static void answer(const plugin *p, const char *text, double y[3]) {
  char error[512];
  const double x[2] = {0.5, -1};
  dmo_instance self = make_from(p, text, strlen(text), error);
  y[0] = y[1] = y[2] = NAN;
  if (!self) printf("      %s\n", error);
  else if (size_of(p, self) == 2) evaluate(p, self, x, y);
  if (self) p->problem->destroy(self);
}

static void check_same(const plugin *p, const char *name, const double want[3], const char *text) {
  double y[3];
  answer(p, text, y);
  check_that(!memcmp(y, want, sizeof y), "files: %s", name);
}

static void check_wrong(const plugin *p, const char *word, const char *text) {
  char error[512];
  dmo_instance self = make_from(p, text, strlen(text), error);
  const char *shown = strrchr(error, '/');
  check_that(!self && strstr(error, word), "refused: %s", shown ? shown + 1 : error);
  if (self) p->problem->destroy(self);
}

static void check_good_files(const plugin *p) {
  const double j[4] = {-1, 0.5, 0.25, -2};
  const long long e[2] = {1, -2};
  double want[3], shifted[3], pushed[3];
  write_bytes("j.bin", j, sizeof j);
  write_bytes("e.bin", e, sizeof e);
  answer(p, "{\"J\": [[-1, 0.5], [0.25, -2]], \"e\": [1, -2]}", want);
  check_at_most(fabs(want[2] - (fabs(want[0]) + fabs(want[1])) / 2), 1e-15, "files: the target is 0 by default");
  check_same(p, "{shape, values}, other keys, any order", want,
             "{\"meta\": {\"a\": [1, {\"b\": null}], \"\\u00e4\\n\": \"\\ud83d\\ude00\"}, \"t\": NaN, \"q\": -Infinity,"
             "\"e\": {\"values\": [1e0, -2.0], \"shape\": [2]}, \"flag\": true,\n"
             "\"J\": {\"shape\": [2, 2], \"values\": [-1, 0.5, 2.5E-1, -2]}}\n");
  check_same(p, "{shape, dtype, file}", want,
             "{\"J\": {\"shape\": [2, 2], \"dtype\": \"float64\", \"file\": \"j.bin\"},"
             " \"e\": {\"file\": \"e.bin\", \"dtype\": \"int64\", \"shape\": [2]}}");
  check_same(p, "v0 = 0 is the default", want, "{\"J\": [[-1, 0.5], [0.25, -2]], \"e\": [1, -2], \"v0\": [0, 0]}");
  check_same(p, "the last of a repeated key counts", want,
             "{\"e\": [7], \"J\": [[-1, 0.5], [0.25, -2]], \"e\": [1, -2]}");
  answer(p, "{\"J\": [[-1, 0.5], [0.25, -2]], \"e\": [1, -2], \"target\": [3, -4]}", shifted);
  check_at_most(fabs(shifted[2] - (fabs(want[0] - 3) + fabs(want[1] + 4)) / 2), 1e-15, "files: target");
  /* Without forces the angle grows by v0 T. */
  answer(p, "{\"J\": [[0, 0], [0, 0]], \"e\": [0, 0], \"v0\": [3, -4]}", pushed);
  check_at_most(fmax(fabs(pushed[0] - 3.5), fabs(pushed[1] + 5)), 1e-14, "files: v0");
}

/* Every cut of a right file is refused, and none of many damaged ones crashes. */
static void check_damage(const plugin *p) {
  static const char text[] = "{\"a\": [true, \"\\u0041\"],"
                             " \"J\": {\"shape\": [2, 2], \"values\": [-1, 0.5, 2.5E-1, -2]},"
                             " \"e\": [[1, -2], [3, 4]], \"e\": [1, -2],"
                             " \"target\": {\"shape\": [2], \"values\": [1, 2]}}";
  static const char letters[] = "{}[]\",:0123456789eE+-. \\u\nx"; /* and the NUL behind them */
  char error[512], copy[sizeof text];
  int refused = 0, made = 0;
  for (size_t cut = 0; cut < sizeof text - 1; cut++) {
    dmo_instance self = make_from(p, text, cut, error);
    if (self) p->problem->destroy(self);
    else refused++;
  }
  check_that(refused == (int)sizeof text - 1, "files: all %d cuts of a file are refused", refused);
  for (int trial = 0; trial < 3000; trial++) {
    memcpy(copy, text, sizeof text);
    for (int k = 0; k < 1 + trial % 3; k++) {
      size_t place = (size_t)((next_random() + 1) / 2 * (sizeof text - 1));
      copy[place] = letters[(size_t)((next_random() + 1) / 2 * sizeof letters)];
    }
    dmo_instance self = make_from(p, copy, sizeof text - 1, error);
    if (self) p->problem->destroy(self);
    made += self != NULL;
  }
  check_that(made > 0 && made < 3000, "files: of 3000 damaged files %d are still right", made);
}

void check_files(const plugin *p, const char *scratch) {
  snprintf(folder, sizeof folder, "%s", scratch);
  check_good_files(p);
  check_wrong(p, "there are no numbers under the key \"J\"", "{\"e\": [1]}");
  check_wrong(p, "there are no numbers under the key \"e\"", "{\"J\": [[1]]}");
  check_wrong(p, "square", "{\"J\": [[1, 2]], \"e\": [1]}");
  check_wrong(p, "square", "{\"J\": {\"shape\": [0, 0], \"values\": []}, \"e\": []}");
  check_wrong(p, "e is 3", "{\"J\": [[1, 2], [3, 4]], \"e\": [1, 2, 3]}");
  check_wrong(p, "target is 1", "{\"J\": [[1, 2], [3, 4]], \"e\": [1, 2], \"target\": [1]}");
  check_wrong(p, "differ in length", "{\"J\": [[1, 2], [3]], \"e\": [1, 2]}");
  check_wrong(p, "finite number", "{\"J\": [[1, \"nan\"], [3, 4]], \"e\": [1, 2]}");
  check_wrong(p, "line 3 is not JSON", "{\"J\":\n[[1,\n nan], [3, 4]], \"e\": [1, 2]}");
  check_wrong(p, "beyond the range", "{\"J\": [[1e999]], \"e\": [1]}");
  check_wrong(p, "\"shape\" does not match", "{\"J\": {\"shape\": [3, 3], \"values\": [1]}, \"e\": [1]}");
  check_wrong(p, "\"values\" nor \"file\"", "{\"J\": {\"shape\": [3, 3]}, \"e\": [1]}");
  check_wrong(p, "dtype", "{\"J\": {\"shape\": [2, 2], \"dtype\": \"float32\", \"file\": \"j.bin\"}, \"e\": [1]}");
  check_wrong(p, "missing.bin", "{\"J\": {\"shape\": [2, 2], \"dtype\": \"float64\", \"file\": \"missing.bin\"}}");
  check_wrong(p, "could turn by", "{\"J\": [[1e300]], \"e\": [1]}");
  check_wrong(p, "text follows", "{\"J\": [[1]], \"e\": [1]} []");
  check_wrong(p, "JSON object", "[1, 2]");
  check_wrong(p, "line 1 is not JSON", "");
  static char deep[4000] = "{\"a\": ";
  memset(deep + 6, '[', sizeof deep - 7);
  check_wrong(p, "is not JSON", deep);
  check_damage(p);
}
