/* expect: fail. A bound that is not a number. */
#define G .role = DMO_AT_MOST, .bound = NAN
#include "hostile.h"
