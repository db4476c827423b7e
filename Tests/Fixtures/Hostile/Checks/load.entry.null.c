/* expect: fail. The entry answers NULL. */
#define ENTRY return NULL
#include "hostile.h"
