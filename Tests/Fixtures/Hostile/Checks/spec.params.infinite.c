/* expect: fail. A bound that is not finite. */
#define A .min = -INFINITY, .max = 1
#include "hostile.h"
