/* expect: fail. A function that no library has. */
#define HELPERS double nowhere(double);
#define EVALUATE y[0] = nowhere(y[0])
#include "hostile.h"
