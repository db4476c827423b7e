/* expect: fail. describe() answers differently each time. */
#define DESCRIBE self->params[0].max += 1
#include "hostile.h"
