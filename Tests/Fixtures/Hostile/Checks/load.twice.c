/* expect: fail. The second answer has another name. */
#define HELPERS static const dmo_plugin plugin;
#define ENTRY static int calls; static dmo_plugin copy; copy = plugin; copy.version = "2.0.0"; if (calls++) return &copy
#include "hostile.h"
