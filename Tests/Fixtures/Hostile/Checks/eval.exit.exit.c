/* expect: crash. It calls exit(0). */
#define EVALUATE exit(0)
#include "hostile.h"
