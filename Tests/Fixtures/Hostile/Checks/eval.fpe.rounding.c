/* expect: fail. It leaves another rounding mode. */
#include <fenv.h>
#define INSTEAD fesetround(FE_TONEAREST)
#define EVALUATE fesetround(FE_UPWARD)
#include "hostile.h"
