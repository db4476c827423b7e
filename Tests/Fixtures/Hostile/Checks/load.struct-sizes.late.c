/* expect: fail. The same, in what describe() answers. */
#define SPEC_SIZE 16
#include "hostile.h"
