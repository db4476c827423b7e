/* expect: fail. An id with a blank. */
#define PROBLEM .id = "my problem"
#include "hostile.h"
