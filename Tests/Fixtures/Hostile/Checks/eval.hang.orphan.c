/* expect: fail. It leaves a process behind. */
#define EVALUATE if (fork() == 0) { for (;;) pause(); }
#include "hostile.h"
