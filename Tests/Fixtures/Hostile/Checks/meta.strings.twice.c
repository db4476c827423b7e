/* expect: fail. Two problems of one id. */
#define PROBLEMS 2
#include "hostile.h"
