/* expect: fail. A size below that of version 1.0. */
#define PROBLEM .id = "hostile", .option_size = 8
#include "hostile.h"
