/* expect: fail. A whole number that it does not know. */
#define EVALUATE if (x[2] == 2 && x[0] == 0 && x[1] > 1 && x[1] < 10) {\
  snprintf(out->message.data, out->message.capacity, "two"); return DMO_BAD_INPUT; }
#include "hostile.h"
