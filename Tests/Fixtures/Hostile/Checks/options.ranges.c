/* expect: fail. An end of an option's range is refused without a word. */
#define CREATE if (atof(texts[0]) == 2) { free(self); return DMO_UNSUPPORTED; }
#include "hostile.h"
