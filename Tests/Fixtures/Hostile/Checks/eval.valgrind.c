/* expect: fail. It reads what was never written. */
#define EVALUATE double *p = malloc(80); volatile double *q = p; if (q[3] > 1e300) y[0] = 0; free(p)
#include "hostile.h"
