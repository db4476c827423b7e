/* expect: fail. A status of its own. */
#define EVALUATE return 64
#include "hostile.h"
