/* expect: crash. create() crashes. */
#define CREATE abort()
#include "hostile.h"
