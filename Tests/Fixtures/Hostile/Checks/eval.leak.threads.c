/* expect: fail. Each evaluation starts a thread that stays. */
#define HELPERS static void *work(void *p) { for (;;) pause(); return p; }
#define EVALUATE pthread_t thread; static int count; \
  if (count++ < 200 && !pthread_create(&thread, NULL, work, NULL)) pthread_detach(thread)
#include "hostile.h"
