/* expect: fail. Every point but the middle is infeasible. */
#define FLAGS DMO_HIDDEN_CONSTRAINTS
#define EVALUATE if (x[0] != 0 && x[0] != 0.5 && fabs(x[0]) != 1) {\
  snprintf(out->message.data, out->message.capacity, "too far"); return DMO_INFEASIBLE; }
#include "hostile.h"
