/* expect: crash. A point outside indexes a table outside. */
#define HELPERS static volatile double table[4];
#define EVALUATE y[0] += table[x[0] >= -1 && x[0] <= 1 ? 0 : (long)1 << 40]
#include "hostile.h"
