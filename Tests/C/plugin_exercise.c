/* plugin_exercise: calls everything that a plugin offers, for a run under the sanitizers.
 * usage: plugin_exercise PLUGIN.SO [POINTS [SECONDS]]      a check of a problem stops after SECONDS and says how far
 * it came; exit 0: every answer kept the contract of dmo.h.  Buffers are exactly as long as the contract says, so that
 * AddressSanitizer sees a step beyond. */
#include "tiny_host.h"
#include <fenv.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIGNALS = 32, PATH_LENGTH = 4096 };

static size_t points_wanted = 50;
static double seconds_allowed = 20;

static double *numbers(size_t count) {
  double *v = malloc((count ? count : 1) * sizeof *v);
  if (!v) tiny_fail("out of memory");
  for (size_t i = 0; i < count; i++) v[i] = NAN;
  return v;
}

/* What a plugin must leave as it was. */
typedef struct manners {
  void (*handlers[SIGNALS])(int);
  int rounding;
  char locale[256], folder[PATH_LENGTH];
} manners;

static void observe(manners *m) {
  memset(m, 0, sizeof *m);
  for (int s = 1; s < SIGNALS; s++) {
    struct sigaction action;
    if (sigaction(s, NULL, &action) == 0) m->handlers[s] = action.sa_handler;
  }
  m->rounding = fegetround();
  snprintf(m->locale, sizeof m->locale, "%s", setlocale(LC_ALL, NULL));
  if (!getcwd(m->folder, sizeof m->folder)) tiny_fail("no current folder");
}

static void check_manners(const manners *before, const dmo_problem *problem, const char *where) {
  manners after;
  observe(&after);
  for (int s = 1; s < SIGNALS; s++)
    if (after.handlers[s] != before->handlers[s])
      tiny_fail("%s: %s changed the handler of signal %d", problem->id, where, s);
  if (after.rounding != before->rounding) tiny_fail("%s: %s changed the rounding mode", problem->id, where);
  if (strcmp(after.locale, before->locale) != 0) tiny_fail("%s: %s changed the locale", problem->id, where);
  if (strcmp(after.folder, before->folder) != 0) tiny_fail("%s: %s changed the folder", problem->id, where);
}

/* Walks the outputs entry by entry: which of them entry `at` belongs to. */
static const dmo_output *output_of(const tiny_host *h, size_t at) {
  for (uint32_t i = 0; i < h->spec->output_count; i++) {
    size_t count = h->spec->outputs[i].count ? h->spec->outputs[i].count : 1;
    if (at < count) return &h->spec->outputs[i];
    at -= count;
  }
  tiny_fail("%s: entry beyond the outputs", h->problem->id);
}

static void check_answer(const tiny_host *h, dmo_status status, const double *y, const char *message,
                         const char *where) {
  if (status == DMO_INFEASIBLE && (h->problem->flags & DMO_HIDDEN_CONSTRAINTS)) {
    if (!message[0]) tiny_fail("%s, %s: INFEASIBLE without a message", h->problem->id, where);
    return;
  }
  if (status != DMO_OK) tiny_fail("%s, %s: status %d: %s", h->problem->id, where, status, message);
  for (size_t i = 0; i < h->y_count; i++) {
    const dmo_output *o = output_of(h, i);
    if (!isfinite(y[i]) && !((o->flags & DMO_MAY_BE_NAN) && isnan(y[i])))
      tiny_fail("%s, %s: output %s (entry %zu) is %g", h->problem->id, where, o->id, i, y[i]);
  }
}

static bool same(const double *a, const double *b, size_t count) { return memcmp(a, b, count * sizeof *a) == 0; }

/* Each point twice, the second time in reverse order: equal to the bit.  Returns how many points were taken. */
static size_t check_evaluate(tiny_host *h, uint64_t *random) {
  double *x = numbers(points_wanted * h->x_count), *y = numbers(points_wanted * h->y_count);
  double *again = numbers(h->y_count);
  dmo_status *statuses = calloc(points_wanted, sizeof *statuses);
  if (!statuses) tiny_fail("out of memory");
  size_t n = 0, infeasible = 0;
  for (double start = tiny_cpu_seconds(); n < points_wanted && tiny_cpu_seconds() - start < seconds_allowed; n++) {
    char message[512] = "";
    tiny_random_point(h, random, x + n * h->x_count);
    statuses[n] = tiny_evaluate(h, x + n * h->x_count, y + n * h->y_count, message);
    check_answer(h, statuses[n], y + n * h->y_count, message, "evaluate");
    infeasible += statuses[n] == DMO_INFEASIBLE;
  }
  for (size_t i = n; i-- > 0;) {
    dmo_status status = tiny_evaluate(h, x + i * h->x_count, again, NULL);
    if (status != statuses[i] || !same(again, y + i * h->y_count, h->y_count))
      tiny_fail("%s: point %zu answers otherwise when the order is reversed", h->problem->id, i);
  }
  printf("  evaluate: %zu points twice, %zu infeasible\n", n, infeasible);
  free(x);
  free(y);
  free(again);
  free(statuses);
  return n;
}

/* Messages are cut at the capacity, also at none; bad shapes and numbers are refused, not computed. */
static void check_refusals(tiny_host *h, uint64_t *random) {
  double *x = numbers(h->x_count), *y = numbers(h->y_count);
  for (size_t capacity = 0; capacity <= 8; capacity += 2) {
    char *message = malloc(capacity ? capacity : 1);
    if (!message) tiny_fail("out of memory");
    tiny_random_point(h, random, x);
    if (h->x_count > 0) x[0] = NAN;
    dmo_call call = tiny_call(h, x);
    dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = h->y_count, .message = {message, capacity}};
    dmo_status status = h->problem->evaluate(h->instance, &call, &result);
    if (status < DMO_OK || status > DMO_FATAL) tiny_fail("%s: status %d for x = NaN", h->problem->id, status);
    free(message);
  }
  if (h->problem->extension && (h->problem->extension("dmo.nope/1") || h->problem->extension("dmo.gradient/1x")))
    tiny_fail("%s offers an extension that does not exist", h->problem->id);
  free(x);
  free(y);
}

static void check_batch_of(tiny_host *h, const dmo_batch *batch, size_t n, uint64_t *random) {
  double *x = numbers(n * h->x_count), *y = numbers(n * h->y_count), *single = numbers(h->y_count);
  dmo_call *calls = calloc(n, sizeof *calls);
  dmo_result *results = calloc(n, sizeof *results);
  const dmo_call **call_pointers = calloc(n, sizeof *call_pointers);
  dmo_result **result_pointers = calloc(n, sizeof *result_pointers);
  dmo_status *statuses = calloc(n, sizeof *statuses);
  char (*messages)[512] = calloc(n, sizeof *messages);
  if (!calls || !results || !call_pointers || !result_pointers || !statuses || !messages) tiny_fail("out of memory");
  for (size_t i = 0; i < n; i++) {
    tiny_random_point(h, random, x + i * h->x_count);
    calls[i] = tiny_call(h, x + i * h->x_count);
    results[i] = (dmo_result){.struct_size = sizeof results[i], .y = y + i * h->y_count, .y_count = h->y_count,
                              .message = {messages[i], sizeof messages[i]}, .cost = NAN};
    call_pointers[i] = &calls[i];
    result_pointers[i] = &results[i];
    statuses[i] = DMO_CANCELLED;
  }
  dmo_status whole = batch->evaluate(h->instance, call_pointers, result_pointers, statuses, n);
  if (whole != DMO_OK) tiny_fail("%s: a batch of %zu has status %d", h->problem->id, n, whole);
  for (size_t i = 0; i < n; i++) {
    dmo_status status = tiny_evaluate(h, calls[i].x, single, NULL);
    check_answer(h, statuses[i], results[i].y, messages[i], "batch");
    if (status != statuses[i] || !same(single, results[i].y, h->y_count))
      tiny_fail("%s: row %zu of a batch of %zu differs from the single call", h->problem->id, i, n);
  }
  free(x);
  free(y);
  free(single);
  free(calls);
  free(results);
  free(call_pointers);
  free(result_pointers);
  free(statuses);
  free(messages);
}

static void check_gradient(tiny_host *h, const dmo_gradient *gradient, uint64_t *random) {
  double *x = numbers(h->x_count), *y = numbers(h->y_count), *single = numbers(h->y_count);
  double *ybar = numbers(h->y_count), *xbar = numbers(h->x_count);
  double *xdot = numbers(h->x_count), *ydot = numbers(h->y_count);
  size_t n = 0, dots = 0;
  for (double start = tiny_cpu_seconds(); n < points_wanted && tiny_cpu_seconds() - start < seconds_allowed; n++) {
    char message[512] = "";
    tiny_random_point(h, random, x);
    for (size_t i = 0; i < h->y_count; i++) ybar[i] = n % 3 == 2 && i % 2 ? 0 : tiny_random(random) - 0.5;
    for (size_t i = 0; i < h->x_count; i++) xdot[i] = tiny_random(random) - 0.5;
    dmo_call call = tiny_call(h, x);
    dmo_result result = {.struct_size = sizeof result, .y = y, .y_count = h->y_count,
                         .message = {message, sizeof message}, .cost = NAN};
    dmo_status status = gradient->vjp(h->instance, &call, ybar, xbar, &result);
    if (status == DMO_UNSUPPORTED) break;
    check_answer(h, status, y, message, "vjp");
    if (tiny_evaluate(h, x, single, NULL) != status || !same(single, y, h->y_count))
      tiny_fail("%s: vjp's y differs from evaluate's", h->problem->id);
    if (status != DMO_OK) continue;
    double left = 0, right = 0, size = 0;
    for (size_t i = 0; i < h->x_count; i++) {
      if (!isfinite(xbar[i])) tiny_fail("%s: xbar[%zu] is %g", h->problem->id, i, xbar[i]);
      left += xbar[i] * xdot[i];
      size += fabs(xbar[i] * xdot[i]);
    }
    if (!gradient->jvp || gradient->jvp(h->instance, &call, xdot, ydot, &result) != DMO_OK) continue;
    for (size_t i = 0; i < h->y_count; i++) {
      right += ybar[i] * ydot[i];
      size += fabs(ybar[i] * ydot[i]);
    }
    // <ybar, J xdot> = <J^T ybar, xdot>, up to rounding in either sum.
    if (!(fabs(left - right) <= 1e-8 * size)) tiny_fail("%s: dot products %.17g, %.17g", h->problem->id, left, right);
    dots++;
  }
  printf("  vjp: %zu points, %zu dot products\n", n, dots);
  free(x);
  free(y);
  free(single);
  free(ybar);
  free(xbar);
  free(xdot);
  free(ydot);
}

static void check_composite(tiny_host *h, const dmo_composite *composite, uint64_t *random) {
  double *x = numbers(h->x_count), *y = numbers(h->y_count), *composed = numbers(h->y_count);
  double *ybar = numbers(h->y_count), *zbar = numbers(h->y_count), *xbar = numbers(h->x_count);
  size_t n = 0;
  for (double start = tiny_cpu_seconds(); n < points_wanted && tiny_cpu_seconds() - start < seconds_allowed; n++) {
    tiny_random_point(h, random, x);
    if (tiny_evaluate(h, x, y, NULL) != DMO_OK) continue;
    for (size_t i = 0; i < h->y_count; i++) composed[i] = output_of(h, i)->role == DMO_OBSERVE ? y[i] : NAN;
    if (composite->compose(h->instance, 1, x, h->x_count, composed, h->y_count) != DMO_OK)
      tiny_fail("%s: compose refuses its own observations", h->problem->id);
    for (size_t i = 0; i < h->y_count; i++) {
      if (isnan(y[i]) && isnan(composed[i])) continue;
      if (!(fabs(composed[i] - y[i]) <= 1e-12 * fmax(1, fabs(y[i]))))
        tiny_fail("%s: compose gives %.17g for %s, evaluate %.17g", h->problem->id, composed[i], output_of(h, i)->id,
                  y[i]);
      ybar[i] = output_of(h, i)->role == DMO_OBSERVE ? 0 : tiny_random(random) - 0.5;
      zbar[i] = 0;
    }
    for (size_t i = 0; i < h->x_count; i++) xbar[i] = 0;
    if (composite->compose_vjp)
      composite->compose_vjp(h->instance, 1, x, h->x_count, y, h->y_count, ybar, zbar, n % 2 ? xbar : NULL);
  }
  printf("  compose: %zu points\n", n);
  free(x);
  free(y);
  free(composed);
  free(ybar);
  free(zbar);
  free(xbar);
}

static void check_reference(tiny_host *h, const dmo_reference *reference) {
  const dmo_reference_point *const *table = NULL;
  size_t count = reference->points(h->instance, &table), golden = 0;
  double *y = numbers(h->y_count), worst = 0;
  for (size_t p = 0; p < count; p++) {
    if (!table[p]->x) continue;
    char message[512] = "";
    dmo_status status = tiny_evaluate(h, table[p]->x, y, message);
    if (table[p]->kind == DMO_REF_INFEASIBLE && status != DMO_INFEASIBLE) tiny_fail("reference %zu is feasible", p);
    if (table[p]->kind != DMO_REF_GOLDEN || !table[p]->y) continue;
    check_answer(h, status, y, message, "golden point");
    golden++;
    for (size_t i = 0; i < h->y_count; i++) {
      double want = table[p]->y[i], difference = fabs(y[i] - want);
      if (isnan(want)) continue;
      worst = fmax(worst, difference / (table[p]->atol + table[p]->rtol * fabs(want)));
      if (!(difference <= table[p]->atol + table[p]->rtol * fabs(want)))
        tiny_fail("%s: golden point %zu: %s is %.17g, not %.17g", h->problem->id, p, output_of(h, i)->id, y[i], want);
    }
  }
  printf("  reference: %zu points, %zu golden, worst difference %.2g of what is allowed\n", count, golden, worst);
  free(y);
}

static double artifact_sum;                   // reads every number that draw() hands over
static void take_artifact(void *sink, const dmo_artifact *a) {
  size_t count = (size_t)a->rows * a->columns;
  for (size_t i = 0; i < count; i++) artifact_sum += a->y[i] + (a->x ? a->x[i % a->columns] : 0);
  if (!a->id || !a->title || count == 0) tiny_fail("an artifact without id, title or numbers");
  ++*(size_t *)sink;
}

static void check_draw(tiny_host *h, const dmo_artifacts *artifacts, uint64_t *random) {
  double *x = numbers(h->x_count);
  size_t pictures = 0;
  for (int n = 0; n < 3; n++) {
    char message[512] = "";
    dmo_text error = {message, sizeof message};
    tiny_random_point(h, random, x);
    dmo_call call = tiny_call(h, x);
    dmo_status status = artifacts->draw(h->instance, &call, take_artifact, &pictures, &error);
    if (status != DMO_OK && status != DMO_INFEASIBLE)
      tiny_fail("%s: draw: status %d: %s", h->problem->id, status, message);
  }
  printf("  draw: %zu pictures\n", pictures);
  free(x);
}

static void check_problem(const dmo_plugin *plugin, const dmo_problem *problem) {
  printf("%s / %s\n", plugin->id, problem->id);
  for (uint32_t i = 0; i < problem->option_count; i++) {
    if (!problem->options[i].required) continue;
    printf("  skipped: option %s has no default\n", problem->options[i].key);
    return;
  }
  uint64_t random = 20240229;
  tiny_host h;
  manners before;
  observe(&before);
  tiny_create(&h, plugin, problem->id, NULL, 0);
  check_manners(&before, problem, "create");
  check_evaluate(&h, &random);
  check_refusals(&h, &random);
  const void *(*extension)(const char *) = problem->extension;
  const dmo_batch *batch = extension ? extension(DMO_EXT_BATCH) : NULL;
  static const size_t batch_sizes[] = {1, 2, 17};
  for (size_t i = 0; batch && i < 3; i++) check_batch_of(&h, batch, batch_sizes[i], &random);
  if (batch) printf("  batch: of 1, 2 and 17\n");
  const void *table;
  if (extension && (table = extension(DMO_EXT_GRADIENT))) check_gradient(&h, table, &random);
  if (extension && (table = extension(DMO_EXT_COMPOSITE))) check_composite(&h, table, &random);
  if (extension && (table = extension(DMO_EXT_REFERENCE))) check_reference(&h, table);
  if (extension && (table = extension(DMO_EXT_ARTIFACT))) check_draw(&h, table, &random);
  check_manners(&before, problem, "a call");
  tiny_destroy(&h);
  check_manners(&before, problem, "destroy");
}

static void ignore_signal(int signal) { (void)signal; }

int main(int argc, char **argv) {
  if (argc < 2 || argc > 4) tiny_fail("usage: %s PLUGIN.SO [POINTS [SECONDS]]", argv[0]);
  if (argc > 2) points_wanted = strtoul(argv[2], NULL, 10);
  if (argc > 3) seconds_allowed = strtod(argv[3], NULL);
  if (points_wanted == 0 || !(seconds_allowed > 0)) tiny_fail("POINTS and SECONDS must be above 0");
  signal(SIGILL, ignore_signal);   // a host's own handler, which must survive
  const dmo_plugin *plugin = tiny_open(argv[1]);
  for (uint32_t i = 0; i < plugin->problem_count; i++) check_problem(plugin, plugin->problems[i]);
  return isnan(artifact_sum) ? 1 : 0;
}
