/* expect: fail. A derivative is twice what it should be. */
#define SLOPE 2
#include "hostile.h"
