/* expect: crash. It overflows the stack. */
#define HELPERS __attribute__((noinline)) static double deep(volatile double *p) {\
  volatile double more[512]; more[0] = *p + 1; return deep(more) + more[1]; }
#define EVALUATE y[0] = deep(y)
#include "hostile.h"
