/* expect: fail. Instances share a variable. */
#define HELPERS static int alive;
#define CREATE alive++
#define DESTROY alive--
#define EVALUATE y[0] += alive - 1; y[1] = y[0] * y[0]; y[2] = y[0] - 2
#include "hostile.h"
