/* expect: fail. NaN, though the status is OK. */
#define EVALUATE y[1] = NAN
#include "hostile.h"
