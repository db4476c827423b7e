/* expect: fail. A size that is no whole number of words. */
#define PLUGIN .struct_size = sizeof(dmo_plugin) + 1
#include "hostile.h"
