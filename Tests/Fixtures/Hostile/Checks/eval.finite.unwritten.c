/* expect: fail. An output that is not written. */
#define INSTEAD y[0] = 1; y[1] = 2; return DMO_OK
#include "hostile.h"
