/* array_source.h: the files behind array_file.c. */
#ifndef PLUGIN_ARRAY_SOURCE_H
#define PLUGIN_ARRAY_SOURCE_H
#include <cjson/cJSON.h>
#include <stddef.h>

/* What is being read, for messages. */
typedef struct array_source {
  const char *path, *key;    /* key: NULL while the file as a whole is read */
  unsigned flags;
  char *error;
  size_t capacity;
} array_source;

/* Writes the reason behind path and key; returns -1. */
int array_fail(const array_source *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The whole file and a NUL behind it, called `name` in messages; NULL with the reason, also when `needed` is not 0 and
 * the file has another size.  free() it. */
char *array_read_file(const array_source *, const char *path, const char *name, size_t needed, size_t *size);

/* The top-level object, for cJSON_Delete(); NULL with the reason. */
cJSON *array_parse(const array_source *);
#endif
