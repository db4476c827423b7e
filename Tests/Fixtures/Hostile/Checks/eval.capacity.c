/* expect: fail. It writes as much as it likes. */
#define FLAGS DMO_HIDDEN_CONSTRAINTS
#define EVALUATE if (x[0] > 0.5) { strcpy(out->message.data, "a is above one half"); return DMO_INFEASIBLE; }
#include "hostile.h"
