/* expect: fail. evaluate() changes the umask. */
#define EVALUATE umask(0)
#include "hostile.h"
