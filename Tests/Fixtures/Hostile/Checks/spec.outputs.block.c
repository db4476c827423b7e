/* expect: fail. A block that is a goal. */
#define F .role = DMO_MINIMIZE, .count = 2
#include "hostile.h"
