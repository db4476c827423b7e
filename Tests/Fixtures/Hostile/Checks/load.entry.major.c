/* expect: fail. A later major version. */
#define SYMBOL dmo_plugin_v2
#include "hostile.h"
