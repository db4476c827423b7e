/* expect: fail. y depends on how often it was called. */
#define EVALUATE static double calls; y[0] += 1e-9 * ++calls; y[1] = y[0] * y[0]; y[2] = y[0] - 2
#define EXTENSION if (!strcmp(id, DMO_EXT_REFERENCE)) return NULL
#include "hostile.h"
