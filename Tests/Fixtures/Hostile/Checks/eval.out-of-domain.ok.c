/* expect: warn. A point outside is answered as if it were inside. */
#include "hostile.h"
