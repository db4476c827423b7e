#include "dmo_slots.h"

static dmo_slot_create_fn slot_create;
static dmo_slot_extension_fn slot_extension;

#define FUNCTIONS(n)                                                                                       \
  static dmo_status create_##n(const dmo_host *host, const char *const *texts, dmo_instance *instance,     \
                               dmo_text *error) { return slot_create(0x##n, host, texts, instance, error); } \
  static const void *extension_##n(const char *id) { return slot_extension(0x##n, id); }
#define ENTRY(n) { create_##n, extension_##n },

/* All two-digit hexadecimal numbers, in order. */
#define ROW(F, h) F(h##0) F(h##1) F(h##2) F(h##3) F(h##4) F(h##5) F(h##6) F(h##7) \
                  F(h##8) F(h##9) F(h##a) F(h##b) F(h##c) F(h##d) F(h##e) F(h##f)
#define ALL(F) ROW(F, 0) ROW(F, 1) ROW(F, 2) ROW(F, 3) ROW(F, 4) ROW(F, 5) ROW(F, 6) ROW(F, 7) \
               ROW(F, 8) ROW(F, 9) ROW(F, a) ROW(F, b) ROW(F, c) ROW(F, d) ROW(F, e) ROW(F, f)

ALL(FUNCTIONS)
static const dmo_slot slots[] = { ALL(ENTRY) };
_Static_assert(sizeof slots / sizeof slots[0] == DMO_SLOT_COUNT, "one slot for each number");

const dmo_slot *dmo_slots(dmo_slot_create_fn create, dmo_slot_extension_fn extension) {
  slot_create = create;
  slot_extension = extension;
  return slots;
}
