/* The syntax of JSON: a scanner over a NUL-terminated text.  Every function returns 0, or -1 with error[] written. */
#ifndef OSCILLATORS_JSON_SCAN_H
#define OSCILLATORS_JSON_SCAN_H
#include <stddef.h>

typedef struct json_scanner {
  const char *path;          /* for messages */
  const char *begin, *at;
  char *error;
  size_t capacity;
} json_scanner;

/* The next character that is not white space, not consumed. */
char json_peek(json_scanner *);
/* Writes "PATH:LINE: text" and returns -1. */
int json_fail(json_scanner *, const char *text);
/* Consumes `c`, or fails. */
int json_expect(json_scanner *, char c);
/* A string, decoded to UTF-8 and cut to capacity - 1 bytes; out may be NULL. */
int json_string(json_scanner *, char *out, size_t capacity);
int json_number(json_scanner *, double *value);
/* Any value; also NaN, Infinity and -Infinity, which common writers leave in a file. */
int json_skip(json_scanner *);

/* Goes through an object: after json_expect('{'), returns 1 with the next member's key and its colon consumed, 0 at the
 * closing brace, -1 on failure.  *first starts as 1. */
int json_next_key(json_scanner *, int *first, char *key, size_t capacity);
/* Likewise through a list after '['. */
int json_next_item(json_scanner *, int *first);
#endif
