/* expect: fail. vjp() answers another y. */
#define VJP out->y[1] *= 1.0001
#include "hostile.h"
