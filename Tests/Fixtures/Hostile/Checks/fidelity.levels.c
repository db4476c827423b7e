/* expect: fail. The cheap level fails. */
#define EVALUATE if (call->fidelity) { snprintf(out->message.data, out->message.capacity, "no"); return DMO_FAILED; }
#include "hostile.h"
