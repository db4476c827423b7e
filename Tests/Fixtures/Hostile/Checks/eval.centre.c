/* expect: fail. The mid point has no answer. */
#define EVALUATE snprintf(out->message.data, out->message.capacity, "no licence"); return DMO_FAILED
#include "hostile.h"
