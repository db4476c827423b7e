/* What a host may do: buffers at the end of memory, several threads, cancelling, wrong options, wrong files. */
#define _GNU_SOURCE
#include "check.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* n doubles that end right before an unreadable page. */
static double *at_page_end(size_t n) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = n * sizeof(double), whole = (bytes + page - 1) / page * page;
  char *p = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED || mprotect(p + whole, page, PROT_NONE)) exit(2);
  return (double *)(p + whole - bytes);
}

void check_buffers(const plugin *p) {
  static const char *const sizes[] = {"n=1", "n=7", "n=20", "n=50"};
  int good = 1;
  for (int k = 0; k < 4; k++) {
    dmo_instance self = MAKE(p, sizes[k]);
    size_t n = size_of(p, self);
    double *x = at_page_end(n), *y = at_page_end(n + 1), *ybar = at_page_end(n + 1), *xbar = at_page_end(n);
    fill_random(x, n, 3);
    fill_random(ybar, n + 1, 1);
    good &= evaluate(p, self, x, y) == DMO_OK && vjp(p, self, x, ybar, xbar, y) == DMO_OK;
    good &= jvp(p, self, x, xbar, ybar, y) == DMO_OK;
    p->problem->destroy(self);
  }
  check_that(good, "buffers may end before an unreadable page");
  char small[2] = {'a', 'a'};
  double x[20] = {NAN}, y[21];
  dmo_instance self = MAKE(p, "n=20");
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = 20};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = 21, .message = {small, 1}};
  check_that(p->problem->evaluate(self, &call, &out) == DMO_BAD_INPUT && !small[0] && small[1] == 'a',
             "NaN in x is refused, and a message of one byte stays one");
  p->problem->destroy(self);
}

enum { THREADS = 4, CALLS = 200 };
typedef struct share {
  const plugin *p;
  dmo_instance self;
  const double *x, *ybar, *y, *xbar;
  int same;
} share;

static void *work(void *data) {
  share *s = data;
  size_t n = size_of(s->p, s->self);
  double *y = doubles(n + 1), *xbar = doubles(n);
  s->same = 1;
  for (int i = 0; i < CALLS; i++) {
    s->same &= evaluate(s->p, s->self, s->x, y) == DMO_OK && !memcmp(y, s->y, (n + 1) * sizeof(double));
    s->same &= vjp(s->p, s->self, s->x, s->ybar, xbar, y) == DMO_OK && !memcmp(xbar, s->xbar, n * sizeof(double));
  }
  free(y), free(xbar);
  return NULL;
}

void check_threads(const plugin *p) {
  dmo_instance self = MAKE(p, "n=20", "dt=0.01");
  double x[THREADS][20], ybar[21], y[THREADS][21], xbar[THREADS][20];
  share shares[THREADS];
  pthread_t threads[THREADS];
  int same = 1;
  fill_random(ybar, 21, 1);
  for (int t = 0; t < THREADS; t++) {
    fill_random(x[t], 20, 3);
    same &= vjp(p, self, x[t], ybar, xbar[t], y[t]) == DMO_OK;
    shares[t] = (share){p, self, x[t], ybar, y[t], xbar[t], 0};
  }
  for (int t = 0; t < THREADS; t++)
    if (pthread_create(&threads[t], NULL, work, &shares[t])) exit(2);
  for (int t = 0; t < THREADS; t++) {
    pthread_join(threads[t], NULL);
    same &= shares[t].same;
  }
  check_that(same, "%d threads on one instance give the serial answers to the bit", THREADS);
  p->problem->destroy(self);
}

static int looks;
static double last_fraction;
static int32_t cancel_third(const dmo_call *call) {
  (void)call;
  return ++looks >= 3;
}
static void note(const dmo_call *call, double fraction) {
  (void)call;
  last_fraction = fraction > last_fraction && fraction < 1 ? fraction : NAN;
}

void check_cancel(const plugin *p) {
  dmo_instance self = MAKE(p, "n=20", "T=50", "dt=0.0001");
  double x[20] = {1}, y[21], ybar[21] = {1}, xbar[20];
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = 20, .cancelled = cancel_third, .progress = note};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = 21};
  check_that(p->problem->evaluate(self, &call, &out) == DMO_CANCELLED && looks == 3 && last_fraction > 0,
             "evaluate stops at the third look, after a share of %.3g", last_fraction);
  looks = 0, last_fraction = 0;
  check_that(p->gradient->vjp(self, &call, ybar, xbar, &out) == DMO_CANCELLED && looks == 3 && last_fraction > 0,
             "vjp stops at the third look, after a share of %.3g", last_fraction);
  p->problem->destroy(self);
}

/* The settings must be refused with a message that holds `word`. */
static void check_refusal(const plugin *p, const char *word, const char *const *settings) {
  char error[512];
  dmo_instance self = make(p, error, settings);
  check_that(!self && strstr(error, word), "refused: %s", error);
  if (self) p->problem->destroy(self);
}

void check_options(const plugin *p) {
  static const char *const wrong[][4] = {
    {"n=0"}, {"n=2.5"}, {"n="}, {"n=twenty"}, {"T=0"}, {"T=nan"}, {"dt=-1"}, {"dt=1e-6", "T=1000"}, {"norm=l3"},
    {"variant=other"}, {"integrator=euler"}, {"seed=-1"}, {"alpha=1e9"}, {"system=nowhere.json"},
    {"system=nowhere.json", "variant=wright"},
  };
  static const char *const words[] = {"n", "n", "n", "n", "T", "T", "dt", "T / dt", "norm", "variant", "integrator",
                                      "seed", "alpha", "nowhere.json", "variant"};
  for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) check_refusal(p, words[k], wrong[k]);
  static const char *const ends[][2] = {{"n=1"}, {"n=2000"}, {"T=1e-6"}, {"T=1000"}, {"dt=1e-6"}, {"dt=1000"},
                                        {"alpha=-100"}, {"alpha=100"}, {"beta=-100"}, {"beta=100"}, {"seed=0"},
                                        {"seed=9007199254740992"}};
  for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
    char error[512];
    dmo_instance self = make(p, error, ends[k]);
    size_t n = self ? size_of(p, self) : 1;
    double *x = doubles(n), *y = doubles(n + 1);
    check_that(self && evaluate(p, self, x, y) == DMO_OK && isfinite(y[n]), "%s is accepted %s", ends[k][0], error);
    free(x), free(y);
    if (self) p->problem->destroy(self);
  }
  double x[20] = {1}, y[21], comma[21];
  dmo_instance self = MAKE(p, "T=0.25");
  evaluate(p, self, x, y);
  p->problem->destroy(self);
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
    printf("skip  locale: none with a decimal comma is installed\n");
    return;
  }
  self = MAKE(p, "T=0.25");
  evaluate(p, self, x, comma);
  setlocale(LC_NUMERIC, "C");
  p->problem->destroy(self);
  check_that(!memcmp(y, comma, sizeof y), "a locale with a decimal comma changes nothing");
}
