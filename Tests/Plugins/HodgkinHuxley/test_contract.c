/* What dmo.h asks of every problem: buffers, texts, extensions, points outside the box, options at their ends. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

static const char *const ids[] = {"hh-cell", "hh-trace", "hh-network", "motoneuron"};
enum { PROBLEMS = sizeof ids / sizeof ids[0] };

static dmo_status call_with(instance *it, const double *x, double *y, char *text, size_t capacity) {
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = it->x_count};
  dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = it->y_count, .message = {text, capacity}};
  return it->problem->evaluate(it->self, &call, &result);
}

/* A point outside the box, with buffers of exactly the size they claim (the sanitizer watches their ends). */
static int survives(instance *it, double value) {
  double *x = malloc(it->x_count * sizeof *x), *y = malloc(it->y_count * sizeof *y);
  int good = 1;
  for (size_t capacity = 0; capacity <= 8; capacity = 2 * capacity + 1) {
    char *text = malloc(capacity + 1);
    memset(text, 1, capacity + 1);
    for (size_t i = 0; i < it->x_count; i++) x[i] = value;
    for (size_t i = 0; i < it->y_count; i++) y[i] = NAN;
    dmo_status status = call_with(it, x, y, text, capacity);
    good &= status >= DMO_OK && status <= DMO_FATAL && text[capacity] == 1;
    if (capacity && status == DMO_INFEASIBLE) good &= memchr(text, 0, capacity) != NULL;
    free(text);
  }
  free(x), free(y);
  return good;
}

static void buffers_and_extensions(void) {
  int unknown = 1, counts = 1, harmless = 1;
  for (int i = 0; i < PROBLEMS; i++) {
    instance it = open_problem(ids[i], (const char *const[]){strcmp(ids[i], "hh-network") ? NULL : "n=9", NULL}, NULL);
    static const double strange[] = {NAN, INFINITY, -INFINITY, 0, -1, 1e300};
    for (size_t j = 0; j < sizeof strange / sizeof strange[0]; j++) harmless &= survives(&it, strange[j]);
    unknown &= !it.problem->extension("dmo.nope/1") && !it.problem->extension("dmo.batch/1x");
    double x[16] = {0}, y[1];
    dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = it.x_count + 1};
    dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = it.y_count};
    counts &= it.problem->evaluate(it.self, &call, &result) == DMO_BAD_INPUT;
    close_problem(&it);
  }
  check("strange points and small texts do no harm", harmless);
  check("unknown extensions are not offered", unknown);
  check("a wrong number of parameters is bad input", counts);
}

/* Each number at its ends and each choice, the others at their defaults: made, or refused with a reason. */
static void option_ends(void) {
  int good = 1;
  for (int i = 0; i < PROBLEMS; i++) {
    instance first = open_problem(ids[i], (const char *const[]){NULL}, NULL);
    for (uint32_t j = 0; j < first.problem->option_count; j++) {
      const dmo_option *o = &first.problem->options[j];
      for (int end = 0; end < 2; end++) {
        char text[128];
        int refused;
        if (o->kind == DMO_OPT_PATH) continue;
        if (o->kind == DMO_OPT_CHOICE) snprintf(text, sizeof text, "%s=%s", o->key, o->choices[end]);
        else snprintf(text, sizeof text, "%s=%.17g", o->key, end ? o->max : o->min);
        instance it = open_problem(ids[i], (const char *const[]){text, NULL}, &refused);
        if (refused && !it.error[0]) good = 0;
        if (!refused) close_problem(&it);
      }
    }
    close_problem(&first);
  }
  check("options at their ends are taken, or refused with a reason", good);
}

static int32_t always(const dmo_call *call) { return (void)call, 1; }

static void cancelling(void) {
  int stopped = 1;
  for (int i = 0; i < PROBLEMS; i++) {
    instance it = open_problem(ids[i], (const char *const[]){NULL}, NULL);
    double x[16], *y = malloc(it.y_count * sizeof *y);
    const dmo_reference *reference = it.problem->extension(DMO_EXT_REFERENCE);
    const dmo_reference_point *const *points;
    reference->points(it.self, &points);
    memcpy(x, points[0]->x, it.x_count * sizeof *x);
    dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = it.x_count, .cancelled = always};
    dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = it.y_count};
    stopped &= it.problem->evaluate(it.self, &call, &result) == DMO_CANCELLED;
    free(y), close_problem(&it);
  }
  check("every problem stops when it is cancelled", stopped);
}

static int pictures, sound;
static void look(void *sink, const dmo_artifact *a) {
  (void)sink;
  pictures++;
  sound &= a->struct_size == sizeof *a && a->id && a->title && a->rows == 1 && a->columns > 0 && a->x && a->y;
  for (uint32_t i = 0; i < a->columns; i++) sound &= isfinite(a->x[i]) && isfinite(a->y[i]);
}

static void artifacts(void) {
  for (int i = 0; i < PROBLEMS; i++) {
    instance it = open_problem(ids[i], (const char *const[]){NULL}, NULL);
    const dmo_artifacts *artifacts = it.problem->extension(DMO_EXT_ARTIFACT);
    const dmo_reference_point *const *points;
    ((const dmo_reference *)it.problem->extension(DMO_EXT_REFERENCE))->points(it.self, &points);
    dmo_call call = {.struct_size = sizeof call, .x = points[0]->x, .x_count = it.x_count};
    dmo_text error = {it.error, sizeof it.error};
    pictures = 0, sound = 1;
    dmo_status status = artifacts->draw(it.self, &call, look, NULL, &error);
    char text[96];
    snprintf(text, sizeof text, "%s draws %d pictures", ids[i], pictures);
    check(text, status == DMO_OK && pictures >= 2 && sound);
    close_problem(&it);
  }
}

void test_contract(void) {
  buffers_and_extensions();
  option_ends();
  cancelling();
  artifacts();
}
