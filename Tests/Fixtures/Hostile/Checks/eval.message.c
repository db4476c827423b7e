/* expect: warn. It refuses points without a word. */
#define FLAGS DMO_HIDDEN_CONSTRAINTS
#define EVALUATE if (x[0] > 0.5) return DMO_INFEASIBLE
#include "hostile.h"
