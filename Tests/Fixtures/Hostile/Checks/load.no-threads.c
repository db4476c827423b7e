/* expect: fail. The entry starts a thread. */
#define HELPERS static void *work(void *p) { for (;;) pause(); return p; }
#define ENTRY pthread_t thread; pthread_create(&thread, NULL, work, NULL)
#include "hostile.h"
