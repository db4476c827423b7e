/* expect: fail. min is above max. */
#define A .min = 1, .max = -1
#include "hostile.h"
