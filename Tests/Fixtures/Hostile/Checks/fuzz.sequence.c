/* expect: crash. It does not survive four instances. */
#define HELPERS static int alive;
#define CREATE if (++alive > 3) abort()
#define DESTROY alive--
#include "hostile.h"
