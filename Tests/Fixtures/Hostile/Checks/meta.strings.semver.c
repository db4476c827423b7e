/* expect: warn. A version that is no version. */
#define PLUGIN .version = "latest", .vendor = "dmo", .license = "Apache-2.0", .url = "https://example.org"
#include "hostile.h"
