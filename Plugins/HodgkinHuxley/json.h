/* A reader for JSON files of numbers: what the `system` option takes. */
#ifndef HH_JSON_H
#define HH_JSON_H
#include <stddef.h>

typedef enum json_kind { JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

typedef struct json_node {
  json_kind kind;
  double number;               /* JSON_NUMBER, JSON_BOOLEAN; the strings "inf", "-inf" and "nan" have theirs too */
  const char *key, *text;      /* key within an object, text of a string (escapes are left as they stand)       */
  struct json_node *child, *next;
} json_node;

typedef struct json_document { json_node *nodes; size_t count, capacity; char *text; } json_document;

/* Reads a whole file; root is nodes[0].  Returns 0 and says why in `error` when it cannot. */
int json_read(const char *path, json_document *document, char *error, size_t error_size);
void json_free(json_document *document);

/* The member `key` of an object, or NULL. */
const json_node *json_find(const json_node *object, const char *key);

/* The number at `key`, or `otherwise`. */
double json_number(const json_node *object, const char *key, double otherwise);

/* All numbers of nested lists, or of {"shape", "values"}, row major; NULL when `node` is neither or memory is out.
 * The caller frees it. */
double *json_numbers(const json_node *node, size_t *count);
#endif
