/* expect: crash. It jumps out of a frame that is gone. */
#include <setjmp.h>
#define HELPERS static jmp_buf place; __attribute__((noinline)) static int mark(void) { return setjmp(place); }
#define CREATE mark()
#define EVALUATE longjmp(place, 1)
#include "hostile.h"
