/* expect: warn. A unit that nobody knows. */
#define F_UNIT "furlong"
#include "hostile.h"
