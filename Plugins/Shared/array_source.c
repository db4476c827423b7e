/* Files as bytes and as cJSON trees, with the reason where they cannot be had. */
#define _POSIX_C_SOURCE 200809L
#include "array_source.h"

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A node of cJSON takes some 80 bytes for as few as 2 of the text. */
static const size_t MAX_TEXT = (size_t)128 << 20;

int array_fail(const array_source *r, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (r->key) snprintf(r->error, r->capacity, "%s: \"%s\": %s", r->path, r->key, text);
  else snprintf(r->error, r->capacity, "%s: %s", r->path, text);
  return -1;
}

char *array_read_file(const array_source *r, const char *path, const char *name, size_t needed, size_t *size) {
  struct stat about;
  FILE *file = NULL;
  char *bytes = NULL;
  /* stat() first: to open a pipe would wait for its writer. */
  if (stat(path, &about)) array_fail(r, "%s cannot be read: %s", name, strerror(errno));
  else if (!S_ISREG(about.st_mode)) array_fail(r, "%s cannot be read: it is no regular file", name);
  else if (needed && (uint64_t)about.st_size != needed)
    array_fail(r, "%s has %lld bytes; its shape and dtype need %zu", name, (long long)about.st_size, needed);
  else if (!needed && (uint64_t)about.st_size > MAX_TEXT)
    array_fail(r, "%s has more than %zu MiB; move its arrays to binary files", name, MAX_TEXT >> 20);
  else if (!(file = fopen(path, "rb"))) array_fail(r, "%s cannot be read: %s", name, strerror(errno));
  else if (!(bytes = malloc((size_t)about.st_size + 1))) array_fail(r, "%s does not fit into memory", name);
  else if ((*size = fread(bytes, 1, (size_t)about.st_size, file)) != (size_t)about.st_size) {
    array_fail(r, "%s cannot be read to its end", name);
    free(bytes);
    bytes = NULL;
  } else bytes[*size] = 0;
  if (file) fclose(file);
  return bytes;
}

/* Common writers leave NaN and Infinity, which JSON has not, under keys that nobody asked for.  An empty string takes
 * their place, which no number is read from. */
static void replace_non_numbers(char *text) {
  static const char *const words[] = {"NaN", "-Infinity", "Infinity"};
  for (char *at = text; *at; at++) {
    if (*at == '"')
      for (at++; *at && *at != '"'; at++) at += *at == '\\' && at[1];
    if (!*at) return;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
      size_t length = strlen(words[i]);
      if (strncmp(at, words[i], length)) continue;
      memset(at, ' ', length);
      at[0] = at[1] = '"';
      at += length - 1;
      break;
    }
  }
}

cJSON *array_parse(const array_source *r) {
  size_t size, line = 1;
  char *text = array_read_file(r, r->path, "the file", 0, &size);
  if (!text) return NULL;
  /* strtod() in cJSON obeys the locale of the thread.  cJSON_GetErrorPtr() is shared by all threads, `end` is not. */
  locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), before = c ? uselocale(c) : (locale_t)0;
  const char *end = text;
  int plain = !memchr(text, 0, size);
  if (plain) replace_non_numbers(text);
  cJSON *root = plain && c ? cJSON_ParseWithOpts(text, &end, 0) : NULL;
  for (const char *at = text; at < end; at++) line += *at == '\n';
  if (!c) array_fail(r, "out of memory");
  else if (!plain) array_fail(r, "a NUL byte stands in the file");
  else if (!root) array_fail(r, "line %zu is not JSON from here on: '%.20s'", line, end);
  else if (end[strspn(end, " \t\r\n")]) array_fail(r, "line %zu: text follows the JSON object", line);
  else if (!cJSON_IsObject(root)) array_fail(r, "the file must hold a JSON object");
  else line = 0;
  if (c) uselocale(before), freelocale(c);
  free(text);
  if (line) {
    cJSON_Delete(root);
    root = NULL;
  }
  return root;
}
