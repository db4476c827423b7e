/* expect: fail. An instance is not freed whole. */
#define DESTROY static void *volatile kept; kept = memset(malloc(9000), 1, 9000)
#include "hostile.h"
