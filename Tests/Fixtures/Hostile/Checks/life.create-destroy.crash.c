/* expect: crash. destroy() frees twice. */
#define DESTROY abort()
#include "hostile.h"
