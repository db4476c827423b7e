/* expect: crash. It reads far past the end of x. */
#define EVALUATE static volatile double sink; sink = x[100]
#include "hostile.h"
