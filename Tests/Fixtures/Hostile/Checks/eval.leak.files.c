/* expect: fail. Each evaluation leaves a file in TMPDIR. */
#define EVALUATE char name[999]; snprintf(name, sizeof name, "%s/left", getenv("TMPDIR")); fclose(fopen(name, "w"))
#include "hostile.h"
