#include "chdf5.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

const char *chdf5_open(const char *library, chdf5_api *api) {
  static char reason[512];
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *why = dlerror();
    snprintf(reason, sizeof reason, "%s", why ? why : library);
    return reason;
  }
  void *symbol;
#define FIND(name)                                                        \
  if (!(symbol = dlsym(handle, #name))) {                                 \
    snprintf(reason, sizeof reason, "%s has no %s", library, #name);      \
    return reason;                                                        \
  }
  /* POSIX lets a function's address travel through a void *; ISO C wants a copy of its bytes. */
#define F(result, name, arguments) FIND(name) memcpy(&api->name, &symbol, sizeof symbol);
  H5_FUNCTIONS(F)
#undef F
  if (api->H5open() < 0) {
    snprintf(reason, sizeof reason, "%s does not start", library);
    return reason;
  }
#define V(name) FIND(name) memcpy(&api->name, symbol, sizeof api->name);
  H5_VARIABLES(V)
#undef V
  api->H5Eset_auto2(0, NULL, NULL);
  return NULL;
}
