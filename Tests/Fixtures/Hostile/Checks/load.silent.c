/* expect: warn. A constructor prints. */
#define HELPERS __attribute__((constructor)) static void start(void) { puts("hello"); }
#include "hostile.h"
