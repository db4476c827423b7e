/* expect: warn. It declares itself expensive and is not. */
#define FLAGS DMO_EXPENSIVE
#include "hostile.h"
