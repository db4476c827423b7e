/* expect: fail. A prefix is enough for it. */
#define EXTENSION if (!strncmp(id, DMO_EXT_GRADIENT, 14)) return &gradient
#include "hostile.h"
