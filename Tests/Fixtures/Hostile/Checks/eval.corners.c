/* expect: fail. Nothing works at the ends of a range. */
#define EVALUATE if (x[0] == 1) { snprintf(out->message.data, out->message.capacity, "log(0)"); return DMO_FAILED; }
#include "hostile.h"
