/* The pool of scratch blocks. */
#include "pool.h"

#include <stdlib.h>

void osc_pool_init(osc_pool *pool, size_t doubles) {
  pool->bytes = (doubles * sizeof(double) + 63) / 64 * 64;
  for (int i = 0; i < OSC_POOL_SLOTS; i++) atomic_init(&pool->slots[i], NULL);
}

double *osc_pool_take(osc_pool *pool) {
  for (int i = 0; i < OSC_POOL_SLOTS; i++) {
    if (!atomic_load_explicit(&pool->slots[i], memory_order_relaxed)) continue;
    void *block = atomic_exchange_explicit(&pool->slots[i], NULL, memory_order_acquire);
    if (block) return block;
  }
  return aligned_alloc(64, pool->bytes);
}

void osc_pool_give(osc_pool *pool, double *block) {
  for (int i = 0; i < OSC_POOL_SLOTS; i++) {
    void *empty = NULL;
    if (atomic_compare_exchange_strong_explicit(&pool->slots[i], &empty, block, memory_order_release,
                                                memory_order_relaxed))
      return;
  }
  free(block);
}

void osc_pool_free(osc_pool *pool) {
  for (int i = 0; i < OSC_POOL_SLOTS; i++) free(atomic_exchange(&pool->slots[i], NULL));
}
