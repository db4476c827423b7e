/* expect: fail. Each evaluation keeps a descriptor. */
#define EVALUATE if (dup(1) < 0) return DMO_FAILED
#include "hostile.h"
