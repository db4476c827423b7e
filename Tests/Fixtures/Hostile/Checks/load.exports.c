/* expect: warn. Another name is visible. */
#define HELPERS DMO_EXPORT int helper(void) { return 1; }
#include "hostile.h"
