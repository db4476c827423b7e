/* expect: fail. With an option there are more outputs than are written. */
#define HELPERS static const dmo_output four[4] = {\
  {.id = "s", .role = DMO_OBSERVE}, {.id = "f"}, {.id = "g", .role = DMO_AT_MOST, .bound = 9}, {.id = "h"}};
#define CREATE if (atof(texts[0]) == 2) { self->spec.outputs = four; self->spec.output_count = 4; }
#include "hostile.h"
