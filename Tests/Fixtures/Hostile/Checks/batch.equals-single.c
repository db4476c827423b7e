/* expect: fail. The second point of a batch gets another answer. */
#define BATCH if (n > 1) results[1]->y[0] += 1e-9
#include "hostile.h"
