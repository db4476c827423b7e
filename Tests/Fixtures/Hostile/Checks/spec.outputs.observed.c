/* expect: fail. No goal and no bound. */
#define F .role = DMO_OBSERVE
#define G .role = DMO_OBSERVE
#include "hostile.h"
