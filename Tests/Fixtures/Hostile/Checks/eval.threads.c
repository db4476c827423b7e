/* expect: fail. It declares itself free of state and is not. */
#define HELPERS static volatile double shared;
#define EVALUATE shared = x[0]; for (volatile int k = 0; k < 2000; k++) ; y[0] = shared + x[1] * x[2];\
  y[1] = y[0] * y[0]; y[2] = y[0] - 2
#include "hostile.h"
