/* expect: fail. create() sets an environment variable. */
#define CREATE setenv("HOSTILE", "1", 1)
#include "hostile.h"
