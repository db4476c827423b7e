/* expect: fail. Each evaluation keeps memory. */
#define EVALUATE static void *volatile kept; kept = memset(malloc(6000), 1, 6000)
#include "hostile.h"
