/* expect: timeout. The entry never returns. */
#define ENTRY for (;;) pause()
#include "hostile.h"
