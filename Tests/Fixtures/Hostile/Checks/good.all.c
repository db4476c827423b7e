/* expect: pass. Nothing is broken: every check passes, or has a reason to be skipped. */
#include "hostile.h"
