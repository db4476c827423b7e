/* expect: fail. One batch size is refused. */
#define BATCH if (n == 17) return DMO_FAILED
#include "hostile.h"
