/* expect: warn. The cheap level takes longer. */
#define EVALUATE if (call->fidelity) usleep(20000)
#include "hostile.h"
