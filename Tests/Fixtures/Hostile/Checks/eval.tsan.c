/* expect: fail. A data race that changes nothing: only the thread sanitizer sees it. */
/* flags: -fsanitize=thread */
#define HELPERS static long count;
#define EVALUATE count++
#include "hostile.h"
