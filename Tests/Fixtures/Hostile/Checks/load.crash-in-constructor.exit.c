/* expect: crash. A constructor ends the process. */
#define HELPERS __attribute__((constructor)) static void start(void) { exit(0); }
#include "hostile.h"
