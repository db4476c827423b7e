/* expect: warn. A baseline that breaks a bound. */
#define G .role = DMO_AT_MOST, .bound = 3
#define BASELINE 10
#include "hostile.h"
