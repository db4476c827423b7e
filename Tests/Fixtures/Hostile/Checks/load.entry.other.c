/* expect: fail. A library that is no plugin. */
#define SYMBOL something_else
#include "hostile.h"
