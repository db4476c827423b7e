/* expect: fail. A golden point that is not reproduced. */
#define GOLDEN 6.2501
#include "hostile.h"
