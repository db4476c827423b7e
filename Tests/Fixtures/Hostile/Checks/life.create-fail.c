/* expect: fail. A path that does not exist is refused without a word. */
#define OPTION .kind = DMO_OPT_PATH, .key = "models"
#define CREATE if (texts[0]) { free(self); return DMO_BAD_INPUT; }
#include "hostile.h"
