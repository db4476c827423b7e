/* expect: fail. jvp() and vjp() disagree. */
#define JVP ydot[0] *= 1.001
#include "hostile.h"
