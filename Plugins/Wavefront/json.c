/* json.c: see json.h. */
#include "json.h"
#include "wavefront.h"
#include <string.h>

enum { DEEPEST = 64 };  /* lists in lists; a hostile file must not use up the stack */

static const char *skip_space(const char *at) {
  return at + strspn(at, " \t\r\n");
}

static const char *skip_string(const char *at) {
  if (*at++ != '"') return NULL;
  for (; *at != '"'; at++) {
    if (*at == '\0') return NULL;
    if (*at == '\\' && *++at == '\0') return NULL;
  }
  return skip_space(at + 1);
}

static const char *skip_value(const char *at, int depth);

/* Past the members of a list or an object, `at` behind its opening bracket. */
static const char *skip_members(const char *at, char close, int depth) {
  at = skip_space(at);
  if (*at == close) return skip_space(at + 1);
  for (;;) {
    if (close == '}') {
      at = skip_string(at);
      if (!at || *at != ':') return NULL;
      at = skip_space(at + 1);
    }
    at = skip_value(at, depth);
    if (!at) return NULL;
    if (*at == close) return skip_space(at + 1);
    if (*at != ',') return NULL;
    at = skip_space(at + 1);
  }
}

static const char *skip_value(const char *at, int depth) {
  if (depth == DEEPEST) return NULL;
  at = skip_space(at);
  if (*at == '"') return skip_string(at);
  if (*at == '[') return skip_members(at + 1, ']', depth + 1);
  if (*at == '{') return skip_members(at + 1, '}', depth + 1);
  size_t length = strcspn(at, ",]} \t\r\n");  /* a number, true, false or null */
  return length > 0 ? skip_space(at + length) : NULL;
}

const char *wf_json_value(const char *at) { return skip_value(at, 0); }

const char *wf_json_find(const char *at, const char *key) {
  size_t length = strlen(key);
  at = skip_space(at);
  if (*at != '{') return NULL;
  at = skip_space(at + 1);
  while (*at == '"') {
    bool found = strncmp(at + 1, key, length) == 0 && at[1 + length] == '"';
    at = skip_string(at);
    if (!at || *at != ':') return NULL;
    at = skip_space(at + 1);
    if (found) return at;
    at = wf_json_value(at);
    if (!at || *at != ',') return NULL;
    at = skip_space(at + 1);
  }
  return NULL;
}

const char *wf_json_text(const char *at, char *text, size_t capacity) {
  if (*at++ != '"') return NULL;
  size_t length = 0;
  for (; *at != '"'; at++) {
    if (*at == '\\') at++;
    if (*at == '\0' || (at[-1] == '\\' && !strchr("\"\\/", *at)) || length + 1 >= capacity) return NULL;
    text[length++] = *at;
  }
  text[length] = '\0';
  return skip_space(at + 1);
}

const char *wf_json_numbers(const char *at, double *numbers, size_t capacity, size_t *count) {
  int depth = 0;
  *count = 0;
  at = skip_space(at);
  if (*at != '[') return NULL;
  do {
    if (*at == '[') {
      depth++;
      at = skip_space(at + 1);
      continue;
    }
    if (*at == ']') {
      depth--;
      at = skip_space(at + 1);
      if (depth > 0 && *at == ',') at = skip_space(at + 1);
      continue;
    }
    char *end;
    double value = wf_number_prefix(at, &end);
    if (end == at) return NULL;
    if (*count < capacity) numbers[*count] = value;
    ++*count;
    at = skip_space(end);
    if (*at == ',') at = skip_space(at + 1);
    else if (*at != ']') return NULL;
  } while (depth > 0);
  return at;
}
