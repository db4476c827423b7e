/* expect: fail. y depends on the point before. */
#define THREADS DMO_THREADS_INSTANCE
#define EVALUATE if (x[0] != self->memory) { self->before = self->memory; self->memory = x[0]; }\
  y[0] += 1e-9 * self->before; y[1] = y[0] * y[0]; y[2] = y[0] - 2
#define EXTENSION if (!strcmp(id, DMO_EXT_REFERENCE)) return NULL
#include "hostile.h"
