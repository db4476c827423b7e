/* Checks array_file.h: check SCRATCH.  Every form of an array, what must be refused and why, and damaged files. */
#include <array_file.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[1024];
static int failures, checks;

static void check(int holds, const char *name) {
  checks++;
  failures += !holds;
  if (!holds) printf("FAIL  %s\n", name);
}

static void write_file(const char *name, const void *bytes, size_t size) {
  char path[1200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) {
    fprintf(stderr, "error: cannot write %s\n", path);
    exit(2);
  }
}

static int read_bytes(const void *text, size_t size, array_want *wants, size_t count, char *error, size_t capacity) {
  char path[1200];
  snprintf(path, sizeof path, "%s/a.json", folder);
  write_file("a.json", text, size);
  return array_file_read(path, wants, count, error, capacity);
}

/* The value under "a" has this shape, a text like "2x3" ("" for a number), and these doubles. */
static void accepts(const char *text, unsigned flags, const char *shape, size_t count, const double *values) {
  char error[512] = "", seen[128] = "";
  array_want want = {.key = "a", .flags = flags};
  if (read_bytes(text, strlen(text), &want, 1, error, sizeof error)) {
    printf("      %s\n", error);
    check(0, text);
    return;
  }
  const number_array *a = &want.array;
  size_t used = 0, product = 1;
  for (size_t d = 0; d < a->rank; d++) {
    used += (size_t)snprintf(seen + used, sizeof seen - used, d ? "x%zu" : "%zu", a->shape[d]);
    product *= a->shape[d];
  }
  check(!strcmp(seen, shape) && product == a->count, text);
  check(a->values && a->count * (flags & ARRAY_COMPLEX ? 2 : 1) == count, text);
  for (size_t i = 0; a->values && i < count; i++)
    check(isnan(values[i]) ? isnan(a->values[i]) : a->values[i] == values[i], text);
  array_file_free(&want, 1);
  check(!want.array.values, "array_file_free() forgets what it freed");
}
#define VALUES(...) sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[]){__VA_ARGS__}

/* Refused with a message that holds the file's name, the key "a" where `of_key`, and `word`; nothing is left behind. */
static void refuses_bytes(const void *text, size_t size, unsigned flags, int of_key, const char *word) {
  char error[512] = "";
  array_want wants[] = {{.key = "first"}, {.key = "a", .flags = flags}};
  int status = read_bytes(text, size, wants, 2, error, sizeof error);
  int named = strstr(error, "a.json: ") != NULL && (strstr(error, "\"a\": ") != NULL) == of_key;
  int holds = status == -1 && named && strstr(error, word) && !wants[0].array.values && !wants[1].array.values;
  if (!holds) printf("      %d '%s' should say '%s'\n", status, error, word);
  check(holds, word);
  array_file_free(wants, 2);
}
static void refuses(const char *value, unsigned flags, const char *word) {
  char text[8192];
  snprintf(text, sizeof text, "{\"first\": [1, 2], \"a\": %s}", value);
  refuses_bytes(text, strlen(text), flags, 1, word);
}
static void refuses_file(const char *text, const char *word) { refuses_bytes(text, strlen(text), 0, 0, word); }

static void check_forms(void) {
  accepts("{\"a\": -2.5E-1}", ARRAY_SINGLE, "", VALUES(-0.25));
  accepts("{\"a\": [1, 2e300, 4.9e-324]}", ARRAY_FINITE, "3", VALUES(1, 2e300, 4.9e-324));
  accepts("{\"a\": [[1, 2, 3], [4, 5, 6]]}", 0, "2x3", VALUES(1, 2, 3, 4, 5, 6));
  accepts("{\"a\": [[[[7]]]]}", 0, "1x1x1x1", VALUES(7));
  accepts("{\"a\": []}", 0, "0", 0, NULL);
  accepts("{\"a\": [[], []]}", 0, "2x0", 0, NULL);
  accepts("{\"a\": [\"inf\", \"-inf\", \"nan\", 1]}", 0, "4", VALUES(INFINITY, -INFINITY, NAN, 1));
  accepts("{\"a\": {\"values\": [1, 2, 3, 4], \"shape\": [2, 2]}}", 0, "2x2", VALUES(1, 2, 3, 4));
  accepts("{\"a\": {\"values\": [[1, 2], [3, 4]], \"shape\": [2, 2], \"unit\": \"m\"}}", 0, "2x2", VALUES(1, 2, 3, 4));
  accepts("{\"a\": {\"values\": [], \"shape\": [0, 3]}}", 0, "0x3", 0, NULL);
  accepts("{\"a\": {\"shape\": [2], \"re\": [1, 2], \"im\": [3, 4]}}", ARRAY_COMPLEX, "2", VALUES(1, 3, 2, 4));
  accepts("{\"a\": [1, 2]}", ARRAY_COMPLEX, "2", VALUES(1, 0, 2, 0));
  accepts("{\"a\": 9, \"a\": 8}", 0, "", VALUES(8));
  accepts("{\"A\": 1, \"b\": {\"a\": [3]}, \"n\": NaN, \"m\": [Infinity, -Infinity],"
          " \"s\": \"\\\"NaN\\\\\", \"a\": 5}", 0, "", VALUES(5));
  accepts("\xEF\xBB\xBF{\"a\": 5}\r\n", 0, "", VALUES(5));
  write_file("float.bin", (const double[]){1.5, -2, NAN, INFINITY}, 32);
  write_file("int.bin", (const int64_t[]){-3, INT64_C(1) << 53}, 16);
  accepts("{\"a\": {\"shape\": [2, 2], \"dtype\": \"float64\", \"file\": \"float.bin\"}}", 0, "2x2",
          VALUES(1.5, -2, NAN, INFINITY));
  accepts("{\"a\": {\"shape\": [2], \"dtype\": \"int64\", \"file\": \"./int.bin\"}}", 0, "2", VALUES(-3, 0x1p53));
  accepts("{\"a\": {\"shape\": [2], \"dtype\": \"complex128\", \"file\": \"float.bin\"}}", ARRAY_COMPLEX, "2",
          VALUES(1.5, -2, NAN, INFINITY));
  accepts("{\"a\": {\"shape\": [4], \"dtype\": \"float64\", \"file\": \"float.bin\"}}", ARRAY_COMPLEX, "4",
          VALUES(1.5, 0, -2, 0, NAN, 0, INFINITY, 0));
  char error[512];
  array_want wants[] = {{.key = "a"}, {.key = "b", .inside = "meta"}, {.key = "c", .inside = "meta"},
                        {.key = "d", .inside = "none"}};
  const char *text = "{\"meta\": {\"b\": 2, \"a\": 3}}";
  check(!read_bytes(text, strlen(text), wants, 4, error, sizeof error) && !wants[0].array.values
        && array_number(&wants[1], 7) == 2 && array_number(&wants[2], 7) == 7 && !wants[3].array.values,
        "keys inside an object, and absent ones");
  array_file_free(wants, 4);
}

static void check_refusals(void) {
  refuses("[[1, 2], [3]]", 0, "differ in length");
  refuses("[[1, 2], [3, 4, 5]]", 0, "differ in length");
  refuses("[[], [1]]", 0, "differ in length");
  refuses("[[1], 2]", 0, "a single value");
  refuses("[1, [2]]", 0, "a list stands");
  refuses("[[[[[1]]]]]", 0, "4 dimensions");
  refuses("[1, 1e999]", 0, "beyond the range");
  refuses("[1, \"Inf\"]", 0, "neither a number");
  refuses("[1, NaN]", 0, "neither a number");
  refuses("[1, true]", 0, "neither a number");
  refuses("null", 0, "neither a number");
  refuses("[1, \"inf\"]", ARRAY_FINITE, "finite number");
  refuses("[1]", ARRAY_SINGLE, "single number");
  refuses("{\"values\": [1]}", 0, "\"shape\" must list");
  refuses("{\"shape\": [], \"values\": [1]}", 0, "\"shape\" must list");
  refuses("{\"shape\": 1, \"values\": [1]}", 0, "\"shape\" must list");
  refuses("{\"shape\": [1, 1, 1, 1, 1], \"values\": [1]}", 0, "4 dimensions");
  refuses("{\"shape\": [1.5], \"values\": [1]}", 0, "other than a length");
  refuses("{\"shape\": [-1], \"values\": [1]}", 0, "other than a length");
  refuses("{\"shape\": [\"nan\"], \"values\": [1]}", 0, "other than a length");
  refuses("{\"shape\": [1e19], \"values\": [1]}", 0, "other than a length");
  /* Products of lengths that wrap around to 0 or 1 in 64 bits, or are merely too many. */
  refuses("{\"shape\": [65536, 65536, 65536, 65536], \"values\": []}", 0, "more than 67108864 numbers");
  refuses("{\"shape\": [67108864, 2], \"dtype\": \"float64\", \"file\": \"float.bin\"}", 0, "more than 67108864");
  refuses("{\"shape\": [67108864], \"dtype\": \"float64\", \"file\": \"float.bin\"}", 0, "need 536870912");
  refuses("{\"shape\": [3], \"values\": [1, 2]}", 0, "does not match");
  refuses("{\"shape\": [3, 2], \"values\": [[1, 2, 3], [4, 5, 6]]}", 0, "does not match");
  refuses("{\"shape\": [1], \"values\": 1}", 0, "does not match");
  refuses("{\"shape\": [1], \"re\": [1]}", 0, "neither");
  refuses("{\"shape\": [1], \"re\": [1], \"im\": [2]}", 0, "complex");
  refuses("{\"shape\": [2], \"re\": [1, 2], \"im\": [2]}", ARRAY_COMPLEX, "does not match");
  refuses("{\"shape\": [2], \"dtype\": \"complex128\", \"file\": \"float.bin\"}", 0, "complex");
  refuses("{\"shape\": [4], \"dtype\": \"float64\", \"file\": \"float.bin\"}", ARRAY_FINITE, "number 2 is not finite");
  refuses("{\"shape\": [4], \"dtype\": \"float32\", \"file\": \"float.bin\"}", 0, "dtype");
  refuses("{\"shape\": [4], \"file\": \"float.bin\"}", 0, "dtype");
  refuses("{\"shape\": [4], \"dtype\": 3, \"file\": \"float.bin\"}", 0, "dtype");
  refuses("{\"shape\": [3], \"dtype\": \"float64\", \"file\": \"float.bin\"}", 0, "has 32 bytes");
  refuses("{\"shape\": [5], \"dtype\": \"float64\", \"file\": \"float.bin\"}", 0, "has 32 bytes");
  refuses("{\"shape\": [1], \"dtype\": \"float64\", \"file\": \"missing.bin\"}", 0, "missing.bin cannot be read");
  refuses("{\"shape\": [1], \"dtype\": \"float64\", \"file\": \".\"}", 0, "no regular file");
  static const char *const outside[] = {"..", "../float.bin", "x/../float.bin", "x/..", "/dev/zero", ""};
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    char value[256];
    snprintf(value, sizeof value, "{\"shape\": [1], \"dtype\": \"float64\", \"file\": \"%s\"}", outside[i]);
    refuses(value, 0, "inside it");
  }
  refuses("{\"shape\": [1], \"dtype\": \"float64\", \"file\": 3}", 0, "inside it");
  refuses("{\"shape\": [1], \"dtype\": \"float64\", \"file\": \"..x\"}", 0, "..x cannot be read");
  refuses_file("", "line 1 is not JSON");
  refuses_file("[1, 2]", "JSON object");
  refuses_file("{\"a\":\n[1,\n nan]}", "line 3 is not JSON");
  refuses_file("{\"a\": 1}\n{}", "line 1: text follows");
  refuses_bytes("{\"a\": 1}\0 ", 10, 0, 0, "NUL byte");
  char deep[4000];
  memset(deep, '[', sizeof deep);
  memcpy(deep, "{\"a\":", 5);
  refuses_bytes(deep, sizeof deep, 0, 0, "is not JSON");
  char error[512];
  array_want want = {.key = "a"};
  check(array_file_read("/nonexistent/a.json", &want, 1, error, sizeof error) && strstr(error, "/nonexistent/a.json"),
        "a missing file is named");
  check(array_file_read("/dev/zero", &want, 1, error, sizeof error) && strstr(error, "no regular file"),
        "an endless device is refused");
}

/* Every cut of a right file is refused; none of many damaged ones ends in anything but a status. */
static void check_damage(void) {
  static const char text[] = "{\"x\": [true, \"\\u0041\"],"
                             " \"a\": {\"shape\": [2, 2], \"values\": [-1, 0.5, 2.5E-1, -2]},"
                             " \"b\": [[1, -2], [3, \"inf\"]], \"c\": {\"shape\": [1], \"re\": [1], \"im\": [2]},"
                             " \"d\": {\"shape\": [4], \"dtype\": \"float64\", \"file\": \"float.bin\"}}";
  static const char letters[] = "{}[]\",:0123456789eE+-. \\u\nx/"; /* and the NUL behind them */
  char copy[sizeof text], error[512];
  array_want wants[] = {{.key = "a"}, {.key = "b"}, {.key = "c", .flags = ARRAY_COMPLEX}, {.key = "d"}};
  int cuts = 0, right = 0;
  volatile double sum = 0;
  for (size_t cut = 0; cut < sizeof text - 1; cut++) cuts += read_bytes(text, cut, wants, 4, error, sizeof error) == -1;
  check(cuts == (int)sizeof text - 1, "every cut of a file is refused");
  uint64_t state = 1;
  for (int trial = 0; trial < 5000; trial++) {
    memcpy(copy, text, sizeof text);
    for (int k = 0; k < 1 + trial % 3; k++) {
      state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      copy[(state >> 33) % (sizeof text - 1)] = letters[(state >> 20) % sizeof letters];
    }
    if (read_bytes(copy, sizeof text - 1, wants, 4, error, sizeof error)) continue;
    right++;
    for (int w = 0; w < 4; w++) /* the sanitizer sees whether all that is promised is there */
      for (size_t i = 0; wants[w].array.values && i < wants[w].array.count * (w == 2 ? 2 : 1); i++)
        sum += wants[w].array.values[i];
    array_file_free(wants, 4);
  }
  printf("      of 5000 damaged files %d are still right\n", right);
  check(right > 0 && right < 5000, "some damage is harmless, most is not");
}

static void check_locale(void) {
  if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) {
    printf("skip  locale: none with a decimal comma is installed\n");
    return;
  }
  check(strtod("0,5", NULL) == 0.5, "the locale has a decimal comma");
  accepts("{\"a\": [0.5, 1.25e-3]}", 0, "2", VALUES(0.5, 1.25e-3));
  check(strtod("0,5", NULL) == 0.5, "the locale is as it was");
  setlocale(LC_ALL, "C");
}

int main(int count, char **arguments) {
  if (count != 2) return fprintf(stderr, "usage: %s SCRATCH_FOLDER\n", arguments[0]), 2;
  snprintf(folder, sizeof folder, "%s", arguments[1]);
  check_forms();
  check_refusals();
  check_damage();
  check_locale();
  printf("%d checks, %d failed\n", checks, failures);
  return failures != 0;
}
