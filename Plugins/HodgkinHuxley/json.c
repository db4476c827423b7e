#include "json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 64 };

typedef struct reader { json_document *document; char *at; const char *problem; } reader;

/* Nodes link by index + 1 while the array may still move; json_read turns the links into pointers. */
static size_t add(reader *r, json_kind kind) {
  json_document *d = r->document;
  if (d->count == d->capacity) {
    size_t capacity = d->capacity ? 2 * d->capacity : 256;
    json_node *nodes = realloc(d->nodes, capacity * sizeof *nodes);
    if (!nodes) return r->problem = "out of memory", 0;
    d->nodes = nodes, d->capacity = capacity;
  }
  d->nodes[d->count] = (json_node){.kind = kind, .number = NAN};
  return ++d->count;
}

static void skip_space(reader *r) { r->at += strspn(r->at, " \t\r\n"); }

static char *read_string(reader *r) {
  char *start = ++r->at;
  while (*r->at && *r->at != '"') r->at += r->at[0] == '\\' && r->at[1] ? 2 : 1;
  if (!*r->at) return r->problem = "a string without an end", NULL;
  *r->at++ = 0;
  return start;
}

static size_t read_value(reader *r, int depth);

static size_t read_members(reader *r, int depth, char close) {
  size_t self = add(r, close == '}' ? JSON_OBJECT : JSON_ARRAY), last = 0;
  r->at++;
  skip_space(r);
  if (*r->at == close) return r->at++, self;
  while (self && !r->problem) {
    char *key = NULL;
    skip_space(r);
    if (close == '}') {
      if (*r->at != '"' || !(key = read_string(r))) return r->problem = "a member without a name", 0;
      skip_space(r);
      if (*r->at++ != ':') return r->problem = "a member without ':'", 0;
    }
    size_t child = read_value(r, depth + 1);
    if (!child) return 0;
    json_node *nodes = r->document->nodes;
    nodes[child - 1].key = key;
    if (last) nodes[last - 1].next = (json_node *)child;
    else nodes[self - 1].child = (json_node *)child;
    last = child;
    skip_space(r);
    if (*r->at == close) return r->at++, self;
    if (*r->at++ != ',') r->problem = "a list without ',' or end";
  }
  return 0;
}

static size_t read_word(reader *r) {
  static const struct { const char *word; json_kind kind; double value; } words[] = {
    {"true", JSON_BOOLEAN, 1}, {"false", JSON_BOOLEAN, 0}, {"null", JSON_NULL, 0}};
  for (size_t i = 0; i < 3; i++) {
    size_t length = strlen(words[i].word);
    if (strncmp(r->at, words[i].word, length) != 0) continue;
    size_t self = add(r, words[i].kind);
    if (self) r->document->nodes[self - 1].number = words[i].value;
    r->at += length;
    return self;
  }
  char *end;
  double number = strchr("-0123456789", *r->at) && *r->at ? strtod(r->at, &end) : (end = r->at, 0);
  if (end == r->at) return r->problem = "something that is no value", 0;
  size_t self = add(r, JSON_NUMBER);
  if (self) r->document->nodes[self - 1].number = number;
  r->at = end;
  return self;
}

static size_t read_value(reader *r, int depth) {
  if (depth > DEPTH_LIMIT) return r->problem = "too many nested lists", 0;
  skip_space(r);
  if (*r->at == '{') return read_members(r, depth, '}');
  if (*r->at == '[') return read_members(r, depth, ']');
  if (*r->at != '"') return read_word(r);
  char *text = read_string(r);
  size_t self = text ? add(r, JSON_STRING) : 0;
  if (!self) return 0;
  json_node *node = &r->document->nodes[self - 1];
  node->text = text;
  if (strcmp(text, "inf") == 0) node->number = INFINITY;
  if (strcmp(text, "-inf") == 0) node->number = -INFINITY;
  return self;
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *text = NULL;
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  if (size >= 0 && fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)size + 1))) {
    text[fread(text, 1, (size_t)size, file)] = 0;
  }
  fclose(file);
  return text;
}

int json_read(const char *path, json_document *document, char *error, size_t error_size) {
  *document = (json_document){.text = read_file(path)};
  if (!document->text) return snprintf(error, error_size, "%s cannot be read; check the path", path), 0;
  reader r = {.document = document, .at = document->text};
  size_t root = read_value(&r, 0);
  if (root) skip_space(&r);
  if (root && *r.at) r.problem = "text after the end";
  if (r.problem || !root) {
    snprintf(error, error_size, "%s is not JSON: %s at byte %td", path, r.problem, r.at - document->text);
    json_free(document);
    return 0;
  }
  for (size_t i = 0; i < document->count; i++) {
    json_node *node = &document->nodes[i];
    if (node->child) node->child = &document->nodes[(size_t)node->child - 1];
    if (node->next) node->next = &document->nodes[(size_t)node->next - 1];
  }
  return 1;
}

void json_free(json_document *document) {
  free(document->nodes), free(document->text);
  *document = (json_document){0};
}

const json_node *json_find(const json_node *object, const char *key) {
  if (!object || object->kind != JSON_OBJECT) return NULL;
  for (const json_node *n = object->child; n; n = n->next) {
    if (strcmp(n->key, key) == 0) return n;
  }
  return NULL;
}

double json_number(const json_node *object, const char *key, double otherwise) {
  const json_node *node = json_find(object, key);
  return node && node->kind == JSON_NUMBER ? node->number : otherwise;
}

/* Writes the numbers below `node` to `out` when it is given; returns how many there are. */
static size_t flatten(const json_node *node, double *out) {
  if (node->kind != JSON_ARRAY) return out ? (*out = node->number, 1) : 1;
  size_t count = 0;
  for (const json_node *n = node->child; n; n = n->next) count += flatten(n, out ? out + count : NULL);
  return count;
}

double *json_numbers(const json_node *node, size_t *count) {
  if (node && node->kind == JSON_OBJECT) node = json_find(node, "values");
  if (!node || node->kind != JSON_ARRAY) return NULL;
  *count = flatten(node, NULL);
  double *out = malloc((*count ? *count : 1) * sizeof *out);
  if (out) flatten(node, out);
  return out;
}
