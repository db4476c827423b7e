/* expect: fail. A derivative is not written. */
#define VJP if (1) ((unsigned long long *)xbar)[1] = 0x7ff8000000000000
#include "hostile.h"
