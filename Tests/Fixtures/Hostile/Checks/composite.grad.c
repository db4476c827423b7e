/* expect: fail. compose_vjp() forgets a factor. */
#define COMPOSE_VJP zbar[0] -= y[0] * ybar[1]
#include "hostile.h"
