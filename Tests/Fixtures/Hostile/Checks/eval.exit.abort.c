/* expect: crash. It aborts. */
#define EVALUATE abort()
#include "hostile.h"
