/* expect: fail. A table is longer than its minor version says. */
#define MINOR 0
#include "grown.h"
