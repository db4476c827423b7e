/* expect: crash. A constructor crashes. */
#define HELPERS __attribute__((constructor)) static void start(void) { abort(); }
#include "hostile.h"
