/* guard.c: libngspice calls setlocale(), sets signal handlers, reads the current folder and computes in whatever
 * floating-point environment it finds.  A host must see none of it, and the simulator must not see the host's. */
#include "opamp.h"
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* libngspice reads .spiceinit in the current folder, else in the user's home, when it starts.  A gmin or a scale set
 * there would change every answer, and a `quit` would end the process; so it gets an empty one, where the host gives a
 * folder to write in, and else a current folder that hardly holds one. */
void folder_enter(clean_folder *f, const char *scratch) {
  f->made = false;
  f->outer = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (f->outer < 0) return;                     // no way back: stay
  bool private = scratch && chdir(scratch) == 0;
  if (!private && chdir("/") != 0) return;
  int file = !private ? -1 : open(".spiceinit", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  f->made = file >= 0;
  if (f->made) close(file);
}

bool folder_leave(const clean_folder *f) {
  if (f->made) unlink(".spiceinit");
  if (f->outer < 0) return true;
  bool back = fchdir(f->outer) == 0;
  close(f->outer);
  return back;
}
