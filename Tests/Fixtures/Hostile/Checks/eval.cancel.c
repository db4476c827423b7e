/* expect: fail. It promises to stop and does not. */
#define FLAGS DMO_EXPENSIVE
#define EVALUATE if (x[0] == 0) usleep(2200000)
#include "hostile.h"
