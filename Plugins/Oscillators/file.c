/* Reads a whole file. */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *osc_file_read(const char *path, size_t *size, char *error, size_t capacity) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    snprintf(error, capacity, "cannot open '%s': %s", path, strerror(errno));
    return NULL;
  }
  size_t room = 1 << 16, used = 0;
  char *text = malloc(room);
  while (text) {
    used += fread(text + used, 1, room - used - 1, file);
    if (used < room - 1) break;
    char *more = realloc(text, room *= 2);
    if (!more) free(text);
    text = more;
  }
  int broken = ferror(file);
  fclose(file);
  if (!text) {
    snprintf(error, capacity, "'%s' does not fit into memory", path);
  } else if (broken) {
    snprintf(error, capacity, "cannot read '%s': %s", path, strerror(EIO));
    free(text);
    return NULL;
  } else {
    text[used] = 0;
    *size = used;
  }
  return text;
}
