/* expect: fail. It declares randomness and has none. */
#define FLAGS DMO_STOCHASTIC
#include "hostile.h"
