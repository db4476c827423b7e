/* expect: fail. A text that is not UTF-8. */
#define F_UNIT "\xff\xfe"
#include "hostile.h"
