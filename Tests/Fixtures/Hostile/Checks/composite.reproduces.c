/* expect: fail. compose() has another goal. */
#define COMPOSE y[1] *= 1.000001
#define COMPOSE_VJP zbar[0] += 1e-6 * 2 * y[0] * ybar[1]
#include "hostile.h"
