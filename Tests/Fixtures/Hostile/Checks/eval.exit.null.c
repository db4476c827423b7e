/* expect: crash. It follows a NULL pointer. */
#define EVALUATE *(volatile int *)(size_t)(x[0] - x[0]) = 1
#include "hostile.h"
