/* expect: fail. A descriptor stays open. */
#define CREATE if (dup(1) < 0) return DMO_FAILED
#include "hostile.h"
