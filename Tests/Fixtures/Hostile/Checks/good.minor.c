/* expect: pass. A later minor version: its tables are longer, and it says so. */
#define MINOR 1
#include "grown.h"
