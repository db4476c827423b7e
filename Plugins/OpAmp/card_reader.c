/* card_reader.c: reads flat transistor cards, `.model NAME[.BIN] nmos|pmos key=number ...`.
 *
 * Every value must be a plain number.  An expression, a brace or a .param that the simulator cannot resolve makes
 * libngspice ask to be unloaded, and no later circuit works in that process; so nothing of the kind gets past here. */
#include "opamp.h"
#include <ctype.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_WIDTH = 120, NAME_LENGTH = 64 };
static const double W_MAX = 96e-6, W_MIN = 2e-6, L_MIN = 0.2e-6, L_MAX = 2e-6;  // what the parameters can ask for

typedef struct reader {
  const char *at, *end;
  size_t line;                                  // 1 is the first
  card_set *set;
  char *out;                                    // where the next byte of set->text goes
  size_t card_capacity, line_capacity, seen[2];
  char family[2][NAME_LENGTH];
  bool unbinned[2];
  dmo_text *error;
  const char *label;
} reader;

static const char *const type_names[2] = {"nmos", "pmos"};

/* Skips blanks, comments and, inside a card, the line breaks before a `+`.  False at the end of the card. */
static bool next_token_start(reader *r, bool in_card) {
  while (r->at < r->end) {
    char c = *r->at;
    if (c == '$' || c == ';') {
      while (r->at < r->end && *r->at != '\n') r->at++;
    } else if (c == '\n') {
      r->at++;
      r->line++;
      while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r')) r->at++;
      if (r->at >= r->end) return false;
      if (*r->at == '*') {
        while (r->at < r->end && *r->at != '\n') r->at++;
      } else if (*r->at == '+') {
        if (!in_card) return true;
        r->at++;
      } else if (*r->at != '\n') {
        return !in_card;
      }
    } else if (isspace((unsigned char)c) || (in_card && (c == '(' || c == ')' || c == ','))) {
      r->at++;
    } else {
      return true;
    }
  }
  return false;
}

/* Copies a word of letters, digits, `_`, `.` and, in numbers, signs, in lower case.  Its length; 0: no word here. */
static size_t read_word(reader *r, char *word, bool number) {
  size_t n = 0;
  while (r->at < r->end && n + 1 < NAME_LENGTH) {
    unsigned char c = (unsigned char)*r->at;
    if (!isalnum(c) && c != '_' && c != '.' && !(number && (c == '+' || c == '-'))) break;
    word[n++] = (char)tolower(c);
    r->at++;
  }
  word[n] = '\0';
  return n;
}

/* A SPICE number: digits, an exponent, a scale letter.  False for anything else, infinities and hexadecimals included. */
static bool parse_number(const char *word, double *value) {
  const char *digits = word + (*word == '+' || *word == '-');
  if (!isdigit((unsigned char)digits[*digits == '.']) || strpbrk(word, "x")) return false;
  char *rest;
  *value = strtod(word, &rest);
  if (*value > DBL_MAX || *value < -DBL_MAX) return false;
  static const struct { const char *letter; double factor; } scales[] = {
    {"meg", 1e6}, {"t", 1e12}, {"g", 1e9}, {"k", 1e3}, {"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}, {"p", 1e-12},
    {"f", 1e-15}, {"a", 1e-18},
  };
  if (*rest == '\0') return true;
  for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
    if (strcmp(rest, scales[i].letter) != 0) continue;
    *value *= scales[i].factor;
    return true;
  }
  return false;
}

static bool refuse(reader *r, const char *what, const char *word) {
  char shown[NAME_LENGTH];
  snprintf(shown, sizeof shown, "%s", word);
  for (char *c = shown; *c; c++) if (!isprint((unsigned char)*c)) *c = '?';
  text_set(r->error, "option models: %s, line %zu: %s '%s'; give flat cards: .model NAME[.BIN] nmos|pmos key=number ...",
           r->label, r->line, what, shown);
  return false;
}

static void *grow(void *array, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return array;
  size_t wanted = *capacity ? *capacity * 2 : 64;
  void *bigger = realloc(array, wanted * size);
  if (bigger) *capacity = wanted;
  return bigger;
}

/* Opens a line of the deck at r->out. */
static bool begin_line(reader *r) {
  char **lines = grow(r->set->lines, r->set->line_count, &r->line_capacity, sizeof *lines);
  if (!lines) return false;
  r->set->lines = lines;
  lines[r->set->line_count++] = r->out;
  return true;
}

/* The card's family is its name without a numeric bin; one family a polarity, else the choice would be a guess. */
static bool take_name(reader *r, const char *name, int type, bool *binned) {
  char family[NAME_LENGTH];
  snprintf(family, sizeof family, "%s", name);
  char *dot = strrchr(family, '.');
  *binned = dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1);
  if (*binned) *dot = '\0';
  if (r->family[type][0] && strcmp(r->family[type], family) != 0)
    return refuse(r, "a second family of its polarity,", name);
  snprintf(r->family[type], NAME_LENGTH, "%s", family);
  if (r->seen[type] && (!*binned || r->unbinned[type])) return refuse(r, "a second card without bins,", name);
  r->unbinned[type] = !*binned;
  return true;
}

typedef struct card_values { double lmin, lmax, wmin, wmax, level; unsigned ranges; } card_values;

static void note_value(card_values *v, const char *key, double value) {
  static const char *const keys[4] = {"lmin", "lmax", "wmin", "wmax"};
  double *const slots[4] = {&v->lmin, &v->lmax, &v->wmin, &v->wmax};
  for (unsigned i = 0; i < 4; i++) {
    if (strcmp(key, keys[i]) != 0) continue;
    *slots[i] = value;
    v->ranges |= 1u << i;
  }
  if (strcmp(key, "level") == 0) v->level = value;
}

/* One `key=number`, appended to the deck's text. */
static bool read_pair(reader *r, card_values *values, size_t *column) {
  char key[NAME_LENGTH], number[NAME_LENGTH];
  double value = 0;
  if (!isalpha((unsigned char)*r->at) || !read_word(r, key, false)) {
    char odd[2] = {*r->at, '\0'};
    return refuse(r, "expected key=number, found", odd);
  }
  if (!next_token_start(r, true) || *r->at != '=') return refuse(r, "no '=' after", key);
  r->at++;
  bool any = next_token_start(r, true) && read_word(r, number, true);
  // A model version is a text of digits and dots ("4.6.1"), not always a number.
  bool version = any && strcmp(key, "version") == 0 && strspn(number, "0123456789.") == strlen(number);
  if (!any || !(version || parse_number(number, &value))) return refuse(r, "no plain number after", key);
  if (r->at < r->end && !isspace((unsigned char)*r->at) && !strchr("(),$;", *r->at))
    return refuse(r, "no plain number after", key);
  note_value(values, key, value);
  size_t length = strlen(key) + strlen(number) + 2;
  if (*column + length > LINE_WIDTH) {
    r->out++;
    if (!begin_line(r)) return refuse(r, "out of memory at", key);
    r->out += sprintf(r->out, "+");
    *column = 1;
  }
  r->out += sprintf(r->out, " %s=%s", key, number);
  *column += length;
  return true;
}

static bool check_card(reader *r, const char *name, bool binned, card_values *v) {
  if (v->level != 54 && v->level != 14 && v->level != 49 && v->level != 8)
    return refuse(r, "not a BSIM4 (level 14, 54) or BSIM3 (level 8, 49) card:", name);
  if (binned && v->ranges != 15) return refuse(r, "a bin without lmin, lmax, wmin and wmax:", name);
  if (!binned) {
    v->lmin = v->wmin = 0;
    v->lmax = v->wmax = DBL_MAX;
  }
  if (!(v->lmin <= v->lmax && v->wmin <= v->wmax)) return refuse(r, "an empty bin:", name);
  return true;
}

static bool read_card(reader *r) {
  char name[NAME_LENGTH], type_word[NAME_LENGTH];
  if (!next_token_start(r, true) || !read_word(r, name, false)) return refuse(r, "no name after", ".model");
  if (!next_token_start(r, true) || !read_word(r, type_word, false)) return refuse(r, "no polarity after", name);
  int type = strcmp(type_word, "nmos") == 0 ? CARD_NMOS : CARD_PMOS;
  if (strcmp(type_word, type_names[type]) != 0) return refuse(r, "not a nmos or pmos card:", type_word);
  bool binned;
  if (!take_name(r, name, type, &binned)) return false;
  card_set *set = r->set;
  char *const start = r->out;
  size_t const first_line = set->line_count;
  if (!begin_line(r)) return refuse(r, "out of memory at", name);
  r->seen[type]++;
  r->out += sprintf(r->out, ".model %cfet", type_names[type][0]);
  if (binned) r->out += sprintf(r->out, ".%zu", r->seen[type]);
  r->out += sprintf(r->out, " %s", type_names[type]);
  size_t column = (size_t)(r->out - start);
  card_values values = {0};
  while (next_token_start(r, true)) if (!read_pair(r, &values, &column)) return false;
  r->out++;
  if (!check_card(r, name, binned, &values)) return false;
  card c = {type, values.lmin, values.lmax, values.wmin, values.wmax, first_line, set->line_count - first_line};
  if (c.lmin > L_MAX + CARD_BIN_MARGIN || c.lmax < L_MIN - CARD_BIN_MARGIN || c.wmin > W_MAX + CARD_BIN_MARGIN
      || c.wmax < W_MIN - CARD_BIN_MARGIN) {         // no sizing can reach it: forget its text
    memset(start, 0, (size_t)(r->out - start));
    r->out = start;
    set->line_count = first_line;
    return true;
  }
  card *cards = grow(set->cards, set->count, &r->card_capacity, sizeof c);
  if (!cards) return refuse(r, "out of memory at", name);
  set->cards = cards;
  cards[set->count++] = c;
  return true;
}

static bool read_cards(reader *r) {
  while (next_token_start(r, false)) {
    char word[NAME_LENGTH];
    if (!read_word(r, word, false)) {
      word[0] = *r->at;
      word[1] = '\0';
    }
    if (strcmp(word, ".end") == 0) break;
    if (strcmp(word, ".model") != 0) return refuse(r, "expected .model, found", word);
    if (!read_card(r)) return false;
  }
  for (int type = 0; type < 2; type++) {
    bool any = false;
    for (size_t i = 0; i < r->set->count; i++) any = any || r->set->cards[i].type == type;
    if (any) continue;
    text_set(r->error, "option models: %s holds no %s card for W 2 .. 96 um and L 0.2 .. 2 um", r->label,
             type_names[type]);
    return false;
  }
  return true;
}

bool cards_parse(card_set *set, const char *text, size_t length, const char *label, dmo_text *error) {
  // A line of the deck is never more than twice as long as what it was read from (renamed bins, "+ ").
  set->text = calloc(2, length + 4096);
  if (!set->text) {
    text_set(error, "option models: %s: out of memory", label);
    return false;
  }
  reader r = {.at = text, .end = text + length, .set = set, .out = set->text, .error = error, .label = label};
  return read_cards(&r);
}
