/* expect: fail. create() refuses the defaults. */
#define CREATE snprintf(error->data, error->capacity, "no licence"); free(self); return DMO_FAILED
#include "hostile.h"
