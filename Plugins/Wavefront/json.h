/* json.h: as much of a JSON reader as a target file needs.  The text is NUL terminated; every function returns the
 * place after what it read, past white space, or NULL when the text is not what it must be. */
#ifndef WAVEFRONT_JSON_H
#define WAVEFRONT_JSON_H
#include <stddef.h>

const char *wf_json_value(const char *at);                             /* skips one value                    */
const char *wf_json_find(const char *object, const char *key);         /* the value of a key, NULL if absent */
const char *wf_json_text(const char *at, char *text, size_t capacity); /* a string without escapes but \" \\ \/ */
/* Numbers of a list, nested or flat, in the order they stand; *count: at most capacity, as many as there are. */
const char *wf_json_numbers(const char *at, double *numbers, size_t capacity, size_t *count);
#endif
