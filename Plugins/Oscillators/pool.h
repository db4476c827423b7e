/* Blocks of scratch memory, all of one size, lent to evaluations that run at the same time. */
#ifndef OSCILLATORS_POOL_H
#define OSCILLATORS_POOL_H
#include <stdatomic.h>
#include <stddef.h>

/* Returned blocks are kept for the next call, up to this many: repeated calls neither allocate nor touch new pages. */
enum { OSC_POOL_SLOTS = 8 };

typedef struct osc_pool {
  size_t bytes;                             /* of each block; a multiple of 64 */
  _Atomic(void *) slots[OSC_POOL_SLOTS];
} osc_pool;

void osc_pool_init(osc_pool *, size_t doubles);
/* A block at a multiple of 64 bytes, its contents arbitrary; NULL without memory.  [any thread] */
double *osc_pool_take(osc_pool *);
void osc_pool_give(osc_pool *, double *block);
/* Frees the kept blocks; none may be lent. */
void osc_pool_free(osc_pool *);
#endif
