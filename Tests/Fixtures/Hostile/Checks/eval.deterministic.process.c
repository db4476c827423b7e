/* expect: fail. y depends on the process. */
#define EVALUATE y[0] += 1e-9 * getpid(); y[1] = y[0] * y[0]; y[2] = y[0] - 2
#define EXTENSION if (!strcmp(id, DMO_EXT_REFERENCE)) return NULL
#include "hostile.h"
