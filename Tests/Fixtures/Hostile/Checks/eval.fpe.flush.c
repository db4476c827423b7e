/* expect: fail. It leaves flush-to-zero on. */
#include <xmmintrin.h>
#define EVALUATE _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON)
#include "hostile.h"
