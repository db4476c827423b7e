/* expect: fail. Each evaluation keeps a descriptor. */
#define EVALUATE static volatile int kept; kept = dup(1)
#include "hostile.h"
