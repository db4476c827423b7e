/* expect: fail. Two parameters of one id. */
#define A_ID "b"
#include "hostile.h"
