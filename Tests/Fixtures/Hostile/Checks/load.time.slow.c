/* expect: warn. The entry takes longer than 100 ms. */
#define ENTRY usleep(150000)
#include "hostile.h"
