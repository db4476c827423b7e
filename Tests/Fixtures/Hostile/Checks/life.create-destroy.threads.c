/* expect: fail. A thread goes on after destroy(). */
#define HELPERS static void *work(void *p) { for (;;) pause(); return p; }
#define CREATE pthread_t thread; pthread_create(&thread, NULL, work, NULL); pthread_detach(thread)
#include "hostile.h"
