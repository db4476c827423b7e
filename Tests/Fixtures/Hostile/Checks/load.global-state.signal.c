/* expect: fail. create() takes a signal. */
#include <signal.h>
#define CREATE signal(SIGUSR1, SIG_IGN)
#include "hostile.h"
