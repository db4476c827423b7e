/* dmo_slots.h: C functions that know which problem they belong to.
 *
 * dmo_problem.create() and extension() carry no context, and a Swift closure that captures something is not a C
 * function. So each problem of a Swift plugin takes one slot: a pair of C functions that pass the slot's number on to
 * Swift. For DMOPluginKit only; hidden from everything outside the plugin's shared library. */
#ifndef DMO_SLOTS_H
#define DMO_SLOTS_H
#include <dmo/dmo.h>

enum { DMO_SLOT_COUNT = 256 };

typedef dmo_status (*dmo_slot_create_fn)(uint32_t slot, const dmo_host *host, const char *const *option_texts,
                                         dmo_instance *instance, dmo_text *error);
typedef const void *(*dmo_slot_extension_fn)(uint32_t slot, const char *id);

typedef struct dmo_slot {
  dmo_status (*create)(const dmo_host *host, const char *const *option_texts, dmo_instance *instance, dmo_text *error);
  const void *(*extension)(const char *id);
} dmo_slot;

/* The DMO_SLOT_COUNT slots, constant and never freed; their functions call these two.  [main]  Call it with the same
 * two functions each time. */
__attribute__((visibility("hidden")))
const dmo_slot *dmo_slots(dmo_slot_create_fn create, dmo_slot_extension_fn extension);
#endif
