/* card_set.c: where the transistor models come from, and which of them a device may use. */
#include "opamp.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT = 64 << 20 };

/* The file with a line break before it, as cards_parse() wants it; NULL with a message on failure. */
static char *read_text(const char *path, size_t *length, dmo_text *error) {
  struct stat info;
  FILE *file = stat(path, &info) == 0 ? fopen(path, "rb") : NULL;
  char *text = NULL;
  if (!file) {
    text_set(error, "option models: cannot open %s: %s; give a readable SPICE card file", path, strerror(errno));
  } else if (!S_ISREG(info.st_mode) || info.st_size > FILE_LIMIT) {
    text_set(error, "option models: %s is not a file of at most 64 MiB", path);
  } else if (!(text = malloc((size_t)info.st_size + 2))) {
    text_set(error, "option models: %s: out of memory", path);
  } else {
    text[0] = '\n';
    *length = 1 + fread(text + 1, 1, (size_t)info.st_size, file);
    text[*length] = '\0';
    if (ferror(file) || memchr(text, '\0', *length)) {
      text_set(error, "option models: %s is not a text file; give a SPICE card file", path);
      free(text);
      text = NULL;
    }
  }
  if (file) fclose(file);
  return text;
}

bool cards_load(card_set *set, const char *path, dmo_text *error) {
  *set = (card_set){0};
  bool good;
  if (!path) {
    snprintf(set->name, sizeof set->name, "generic130");
    good = cards_parse(set, generic130_cards, strlen(generic130_cards), set->name, error);
  } else {
    const char *slash = strrchr(path, '/');
    snprintf(set->name, sizeof set->name, "%s", slash ? slash + 1 : path);
    char *suffix = strrchr(set->name, '.');
    if (suffix && suffix != set->name) *suffix = '\0';
    size_t length = 0;
    char *text = read_text(path, &length, error);
    good = text && cards_parse(set, text, length, path, error);
    free(text);
  }
  if (!good) cards_free(set);
  return good;
}

void cards_free(card_set *set) {
  free(set->cards);
  free(set->lines);
  free(set->text);
  *set = (card_set){0};
}

bool card_covers(const card *c, int type, double w, double l) {
  return c->type == type && w >= c->wmin - CARD_BIN_MARGIN && w <= c->wmax + CARD_BIN_MARGIN
    && l >= c->lmin - CARD_BIN_MARGIN && l <= c->lmax + CARD_BIN_MARGIN;
}
