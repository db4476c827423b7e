/* expect: fail. A logarithmic scale from a negative number. */
#define A .min = -1, .max = 1, .scale = DMO_LOG
#include "hostile.h"
