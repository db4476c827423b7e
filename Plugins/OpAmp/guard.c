/* guard.c: libngspice calls setlocale() and computes in whatever floating-point environment it finds.  A host must see
 * none of it, and the simulator must not see the host's. */
#include "opamp.h"
#include <fenv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

enum { LOCALE_NAME = 256 };

struct guard {
  locale_t c_locale, outer_locale;
  fenv_t outer_environment;
  char outer_global[LOCALE_NAME];
};

guard *guard_new(void) {
  guard *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  g->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (g->c_locale == (locale_t)0) {
    free(g);
    return NULL;
  }
  return g;
}

void guard_free(guard *g) {
  if (!g) return;
  freelocale(g->c_locale);
  free(g);
}

void guard_enter(guard *g) {
  const char *global = setlocale(LC_ALL, NULL);
  g->outer_global[0] = '\0';
  if (global && strlen(global) < LOCALE_NAME) strcpy(g->outer_global, global);
  g->outer_locale = uselocale(g->c_locale);
  fegetenv(&g->outer_environment);
  fesetenv(FE_DFL_ENV);
}

void guard_leave(guard *g) {
  fesetenv(&g->outer_environment);
  uselocale(g->outer_locale);
  const char *global = setlocale(LC_ALL, NULL);
  if (g->outer_global[0] && global && strcmp(global, g->outer_global) != 0) setlocale(LC_ALL, g->outer_global);
}

void signals_save(saved_signals *saved) {
  for (int s = 1; s < SIGNALS; s++) saved->known[s] = sigaction(s, NULL, &saved->actions[s]) == 0;
}

void signals_restore(const saved_signals *saved) {
  for (int s = 1; s < SIGNALS; s++) if (saved->known[s]) sigaction(s, &saved->actions[s], NULL);
}
