/* OpAmp_hostile: damaged card files, odd options and odd points must end in a status and a message, never in a crash,
 * an exit or a poisoned simulator.
 * usage: OpAmp_hostile LIBOPAMP.SO */
#include "tiny_host.h"
#include "../../Plugins/OpAmp/generic130.c"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 400, OPTION_LIMIT = 32, TEXT_LENGTH = 16384 };
static char path[] = "/tmp/opamp_hostile_XXXXXX";

static const dmo_problem *problem;
static void ignore_log(const dmo_host *host, int32_t level, const char *text) {
  (void)host;
  (void)level;
  (void)text;
}
static const dmo_host quiet = {
  .struct_size = sizeof quiet, .abi_minor = DMO_ABI_MINOR, .threads = 1, .log = ignore_log};

static uint32_t option_at(const char *key) {
  for (uint32_t i = 0; i < problem->option_count; i++) if (strcmp(problem->options[i].key, key) == 0) return i;
  tiny_fail("no option %s", key);
}

/* Creates, evaluates the middle once, destroys.  What create answered; `gain` is NaN unless the point was OK. */
static dmo_status attempt(const char *key, const char *value, double *gain, char *message) {
  const char *texts[OPTION_LIMIT];
  for (uint32_t i = 0; i < problem->option_count; i++) texts[i] = problem->options[i].default_text;
  if (key) texts[option_at(key)] = value;
  dmo_instance instance = NULL;
  dmo_text error = {message, 512};
  message[0] = '\0';
  *gain = NAN;
  dmo_status status = problem->create(&quiet, texts, &instance, &error);
  if (status != DMO_OK && !message[0]) tiny_fail("%s=%s: status %d without a message", key, value, status);
  if (status != DMO_OK) return status;
  double x[10] = {17, 1.1, 17, 1.1, 17, 1.1, 17, 1.1, 2, 10}, y[10];
  tiny_host h = {.problem = problem, .instance = instance, .x_count = 10, .y_count = 10};
  dmo_status answer = tiny_evaluate(&h, x, y, message);
  if (answer != DMO_OK && answer != DMO_INFEASIBLE) tiny_fail("%s=%s: evaluate: %d: %s", key, value, answer, message);
  if (answer == DMO_OK) *gain = y[0];
  problem->destroy(instance);
  return DMO_OK;
}

static void write_cards(const char *text, size_t length) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(text, 1, length, file) != length || fclose(file) != 0) tiny_fail("cannot write %s", path);
}

/* Replaces the number after some `=` behind `at`; the new length. */
static size_t replace_number(char *text, size_t length, size_t at, const char *value) {
  char *equals = memchr(text + at, '=', length - at);
  if (!equals) return length;
  size_t from = (size_t)(equals + 1 - text), to = from, count = strlen(value);
  while (to < length && text[to] != ' ' && text[to] != '\n') to++;
  if (length + count - (to - from) > TEXT_LENGTH) return length;
  memmove(text + from + count, text + to, length - to);
  memcpy(text + from, value, count);
  return length + count - (to - from);
}

/* One to four random edits: wild but plain numbers when `mild`, else also bytes, cuts, copies, expressions. */
static size_t damage(char *text, size_t length, bool mild, uint64_t *random) {
  static const char bytes[] = "={}+-.*$;()'\" \n0eEx9\x80\xff&,/";
  static const char *const plain[] = {"1e308", "-1e30", "0", "1e-320", "-1", "1e3", "5meg", "0.5", "1e-9", "-1e-12"};
  static const char *const odd[] = {"nan", "inf", "{a}", "'1'", "1e400", "0x1p3", "--1", ""};
  for (size_t edits = 1 + (size_t)(4 * tiny_random(random)); edits > 0; edits--) {
    size_t at = (size_t)(tiny_random(random) * (double)length);
    double kind = tiny_random(random), pick = tiny_random(random);
    if (mild) {
      length = replace_number(text, length, at, plain[(size_t)(pick * (double)(sizeof plain / sizeof plain[0]))]);
    } else if (kind < 0.4) {
      text[at] = bytes[(size_t)(pick * (double)(sizeof bytes - 1))];
    } else if (kind < 0.5) {
      length = at + 1;
    } else if (kind < 0.6) {
      size_t from = (size_t)(pick * (double)length), count = length - (at > from ? at : from);
      memmove(text + at, text + from, count < 200 ? count : 200);
    } else {
      length = replace_number(text, length, at, odd[(size_t)(pick * (double)(sizeof odd / sizeof odd[0]))]);
    }
  }
  return length;
}

static void check_damaged_cards(double want) {
  uint64_t random = 7;
  size_t refused = 0, taken = 0;
  char *text = malloc(TEXT_LENGTH), message[512];
  if (!text || strlen(generic130_cards) >= TEXT_LENGTH) tiny_fail("out of memory");
  for (int round = 0; round < ROUNDS; round++) {
    size_t length = strlen(generic130_cards);
    memcpy(text, generic130_cards, length);
    length = damage(text, length, round % 2 == 0, &random);
    write_cards(text, length);
    double gain;
    dmo_status status = attempt("models", path, &gain, message);
    if (status != DMO_OK && status != DMO_BAD_INPUT)
      tiny_fail("damaged cards %d: status %d: %s", round, status, message);
    if (status == DMO_OK) taken++;
    else refused++;
    if (round % 20 != 19) continue;
    status = attempt(NULL, NULL, &gain, message);   // the simulator must not have been harmed
    if (status != DMO_OK || gain != want)
      tiny_fail("after damaged cards %d: %d %.17g: %s", round, status, gain, message);
  }
  printf("  damaged cards: %d files, %zu refused, %zu taken\n", ROUNDS, refused, taken);
  if (refused == 0 || taken == 0) tiny_fail("the damage is too weak or too strong to show anything");
  free(text);
}

static void check_refused_files(void) {
  static const char *const files[] = {
    "", "hello\n", "+ a=1\n", ".model\n", ".model a\n", ".model a nmos\n", ".model a nmos level=54\n",
    ".model a nmos level=1\n.model b pmos level=1\n", ".lib x tt\n", ".include y\n", ".param a=1\n",
    ".model a nmos level=54 vth0={b}\n", ".model a nmos level=54 vth0='b'\n", ".model a nmos level=54 vth0\n",
    ".model a nmos level=54 vth0=\n", ".model a nmos level=54 vth0=nan\n", ".model a nmos level=54 vth0=0x1\n",
    ".model a nmos level=54\n.model c nmos level=54\n.model b pmos level=54\n", ".model a.1 nmos level=54\n",
    ".model a.1 nmos level=54 lmin=3e-6 lmax=4e-6 wmin=1e-6 wmax=1e-4\n.model b pmos level=54\n",
  };
  double gain;
  char message[512];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    write_cards(files[i], strlen(files[i]));
    if (attempt("models", path, &gain, message) != DMO_BAD_INPUT)
      tiny_fail("card file %zu is not refused: %s", i, files[i]);
  }
  static const char *const paths[] = {"/nonexistent/cards.spice", "/tmp", "/dev/null", "/bin/sh", ""};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    if (attempt("models", paths[i], &gain, message) != DMO_BAD_INPUT) tiny_fail("models=%s is not refused", paths[i]);
  printf("  refused: %zu card texts, %zu paths\n", sizeof files / sizeof files[0], sizeof paths / sizeof paths[0]);
}

/* Every option at both its ends: an instance that answers, or a refusal with its reason. */
static void check_option_ends(void) {
  size_t taken = 0, refused = 0;
  for (uint32_t i = 0; i < problem->option_count; i++) {
    const dmo_option *o = &problem->options[i];
    if (o->kind != DMO_OPT_REAL) continue;
    for (int end = 0; end < 2; end++) {
      char text[64], message[512];
      double gain;
      snprintf(text, sizeof text, "%.17g", end ? o->max : o->min);
      dmo_status status = attempt(o->key, text, &gain, message);
      if (status != DMO_OK && status != DMO_BAD_INPUT) tiny_fail("%s=%s: status %d: %s", o->key, text, status, message);
      if (status == DMO_OK) taken++;
      else refused++;
    }
  }
  printf("  option ends: %zu taken, %zu refused with a reason\n", taken, refused);
}

int main(int argc, char **argv) {
  if (argc != 2) tiny_fail("usage: %s LIBOPAMP.SO", argv[0]);
  int file = mkstemp(path);
  if (file < 0) tiny_fail("cannot create %s", path);
  close(file);
  problem = tiny_open(argv[1])->problems[0];
  double want;
  char message[512];
  if (attempt(NULL, NULL, &want, message) != DMO_OK || !(want > 0)) tiny_fail("defaults: %s", message);
  check_refused_files();
  check_option_ends();
  check_damaged_cards(want);
  unlink(path);
  return 0;
}
