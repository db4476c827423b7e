/* expect: fail. It changes x. */
#define EVALUATE x[0] = 0.25
#include "hostile.h"
