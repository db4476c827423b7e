/* expect: warn. A grid that does not reach max. */
#define A .min = -1, .max = 1, .step = 0.3
#include "hostile.h"
