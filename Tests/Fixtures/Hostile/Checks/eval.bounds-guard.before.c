/* expect: fail. It writes before the start of y. */
#define EVALUATE y[-1] = 1
#include "hostile.h"
