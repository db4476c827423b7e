/* expect: fail. evaluate() changes the working directory. */
#define EVALUATE if (chdir("/")) y[0] = 0
#include "hostile.h"
