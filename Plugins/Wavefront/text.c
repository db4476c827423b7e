/* text.c: messages and numbers. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  /* strtod_l */
#endif
#include "wavefront.h"
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void wf_say(const dmo_text *text, const char *format, ...) {
  if (!text || !text->data || text->capacity == 0) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text->data, text->capacity, format, arguments);
  va_end(arguments);
}

bool wf_number(const char *text, double *value) {
  /* A host in a German locale must still read 0.05. */
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  char *end;
  *value = c ? strtod_l(text, &end, c) : strtod(text, &end);
  if (c) freelocale(c);
  return end != text && *end == '\0';
}
