/* expect: warn. It prints. */
#define EVALUATE printf("s = %g\n", y[0])
#include "hostile.h"
