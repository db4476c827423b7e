/* expect: fail. An absurd count. */
#define A .min = -1, .max = 1, .count = 0xFFFFFFFF
#include "hostile.h"
