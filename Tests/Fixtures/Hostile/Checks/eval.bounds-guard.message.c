/* expect: fail. A giant message. */
#define EVALUATE memset(out->message.data, 'a', 5000)
#include "hostile.h"
