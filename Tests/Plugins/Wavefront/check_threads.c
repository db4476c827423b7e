/* check_threads.c: DMO_THREADS_INSTANCE means that instances may run side by side. */
#include "host.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, POINTS = 40 };

typedef struct worker {
  simulator self;
  const double *x, *expected;
  double *y;
  bool same;
} worker;

static void *work(void *argument) {
  worker *w = argument;
  size_t n = w->self.x_count, m = w->self.y_count;
  w->same = true;
  for (size_t i = 0; i < POINTS; i++) {
    bool answers = evaluate(&w->self, w->x + i * n, w->y) == DMO_OK;
    w->same = w->same && answers && memcmp(w->y, w->expected + i * m, m * sizeof *w->y) == 0;
  }
  return NULL;
}

void check_threads(void) {
  worker workers[THREADS];
  bool ready = true;
  for (int k = 0; k < THREADS; k++) ready = start(&workers[k].self, NULL) == DMO_OK && ready;
  check("threads: create four instances, declared DMO_THREADS_INSTANCE",
        ready && workers[0].self.problem->threads == DMO_THREADS_INSTANCE);
  simulator *first = &workers[0].self;
  size_t n = first->x_count, m = first->y_count;
  double *x = numbers(POINTS * n), *y = numbers(POINTS * m);
  uint64_t state = 31;
  for (size_t i = 0; i < POINTS * n; i++) x[i] = uniform(&state, -3, 3);
  for (size_t i = 0; i < POINTS; i++) evaluate(first, x + i * n, y + i * m);
  pthread_t threads[THREADS];
  for (int k = 0; k < THREADS; k++) {
    workers[k].x = x;
    workers[k].expected = y;
    workers[k].y = numbers(m);
    if (pthread_create(&threads[k], NULL, work, &workers[k]) != 0) exit(2);
  }
  bool same = true;
  for (int k = 0; k < THREADS; k++) {
    pthread_join(threads[k], NULL);
    same = same && workers[k].same;
    free(workers[k].y);
    finish(&workers[k].self);
  }
  check("four instances on four threads give the serial answers to the bit", same);
  free(x), free(y);
}
