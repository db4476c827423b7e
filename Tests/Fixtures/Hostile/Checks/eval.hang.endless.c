/* expect: timeout. It never returns. */
#define EVALUATE for (;;) pause()
#include "hostile.h"
