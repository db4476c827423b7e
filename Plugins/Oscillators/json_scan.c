/* The scanner of JSON texts. */
#include "json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deeper values are refused, so that a hostile file cannot exhaust the stack. */
enum { MAX_DEPTH = 64 };

char json_peek(json_scanner *s) {
  while (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r') s->at++;
  return *s->at;
}

int json_fail(json_scanner *s, const char *text) {
  int line = 1;
  for (const char *p = s->begin; p < s->at; p++) line += *p == '\n';
  snprintf(s->error, s->capacity, "%s:%d: %s", s->path, line, text);
  return -1;
}

int json_expect(json_scanner *s, char c) {
  if (json_peek(s) == c) {
    s->at++;
    return 0;
  }
  char text[64], found[16] = "the end";
  if ((unsigned char)*s->at >= 0x80) snprintf(found, sizeof found, "a letter");
  else if (*s->at) snprintf(found, sizeof found, "'%c'", *s->at);
  snprintf(text, sizeof text, "expected '%c', found %s", c, found);
  return json_fail(s, text);
}

static int hex4(const char *p) {
  int value = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i];
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
                c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* One escape behind its backslash, as UTF-8; the number of bytes, or -1. */
static int escape(json_scanner *s, char out[4]) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = *s->at++;
  const char *hit = c ? strchr(from, c) : NULL;
  if (hit) {
    out[0] = to[hit - from];
    return 1;
  }
  long code = c == 'u' ? hex4(s->at) : -1;
  if (code < 0) return -1;
  s->at += 4;
  if (code >= 0xd800 && code < 0xdc00) {                     /* the first half of a surrogate pair */
    long low = s->at[0] == '\\' && s->at[1] == 'u' ? hex4(s->at + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff) return -1;
    s->at += 6;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  int length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (int i = length - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)((0xf00 >> length & 0xf0) | code);
  return length;
}

int json_string(json_scanner *s, char *out, size_t capacity) {
  size_t used = 0;
  if (json_expect(s, '"')) return -1;
  while (*s->at != '"') {
    char bytes[4] = {*s->at};
    int count = 1;
    if ((unsigned char)*s->at < 0x20) return json_fail(s, "a string is not closed");
    s->at++;
    if (bytes[0] == '\\' && (count = escape(s, bytes)) < 0) return json_fail(s, "a wrong escape in a string");
    for (int i = 0; i < count; i++)
      if (out && used + 1 < capacity) out[used++] = bytes[i];
  }
  s->at++;
  if (out && capacity) out[used] = 0;
  return 0;
}

int json_number(json_scanner *s, double *value) {
  json_peek(s);
  const char *p = s->at, *whole;
  if (*p == '-') p++;
  for (whole = p; *p >= '0' && *p <= '9'; p++) {}
  int good = p > whole && (p == whole + 1 || *whole != '0');
  if (good && *p == '.') {
    const char *fraction = ++p;
    while (*p >= '0' && *p <= '9') p++;
    good = p > fraction;
  }
  if (good && (*p == 'e' || *p == 'E')) {
    p += p[1] == '+' || p[1] == '-' ? 2 : 1;
    const char *exponent = p;
    while (*p >= '0' && *p <= '9') p++;
    good = p > exponent;
  }
  if (!good) return json_fail(s, "expected a number");
  *value = strtod(s->at, NULL);
  if (!isfinite(*value)) return json_fail(s, "a number is beyond the range of doubles");
  s->at = p;
  return 0;
}

int json_next_item(json_scanner *s, int *first) {
  if (json_peek(s) == ']') {
    s->at++;
    return 0;
  }
  if (!*first && json_expect(s, ',')) return -1;
  if (!*first && json_peek(s) == ']') return json_fail(s, "a comma before ']'");
  *first = 0;
  return 1;
}

int json_next_key(json_scanner *s, int *first, char *key, size_t capacity) {
  if (json_peek(s) == '}') {
    s->at++;
    return 0;
  }
  if (!*first && json_expect(s, ',')) return -1;
  *first = 0;
  return json_string(s, key, capacity) || json_expect(s, ':') ? -1 : 1;
}

static int skip(json_scanner *s, int depth) {
  static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
  int first = 1, more;
  double number;
  char c = json_peek(s);
  if (depth > MAX_DEPTH) return json_fail(s, "values are nested too deeply");
  if (c == '"') return json_string(s, NULL, 0);
  if (c == '{') {
    s->at++;
    while ((more = json_next_key(s, &first, NULL, 0)) > 0)
      if (skip(s, depth + 1)) return -1;
    return more;
  }
  if (c == '[') {
    s->at++;
    while ((more = json_next_item(s, &first)) > 0)
      if (skip(s, depth + 1)) return -1;
    return more;
  }
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (!strncmp(s->at, words[i], strlen(words[i]))) {
      s->at += strlen(words[i]);
      return 0;
    }
  return json_number(s, &number);
}

int json_skip(json_scanner *s) { return skip(s, 0); }
