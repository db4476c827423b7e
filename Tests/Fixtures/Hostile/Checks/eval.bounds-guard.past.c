/* expect: fail. It writes past the end of y. */
#define EVALUATE y[3] = 1
#include "hostile.h"
