/* text.c: messages into buffers that the host owns. */
#include "opamp.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_set(dmo_text *text, const char *format, ...) {
  if (!text || !text->data || text->capacity == 0) return;
  va_list arguments;
  va_start(arguments, format);
  int wanted = vsnprintf(text->data, text->capacity, format, arguments);
  va_end(arguments);
  if (wanted < 0 || (size_t)wanted < text->capacity) return;
  // Cut: drop the lead byte of a sequence whose tail did not fit, and what follows it.
  size_t end = strlen(text->data), start = end;
  while (start > 0 && ((unsigned char)text->data[start - 1] & 0xC0) == 0x80) start--;
  if (start == 0) return;
  unsigned char lead = (unsigned char)text->data[start - 1];
  size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (end - (start - 1) < length) text->data[start - 1] = '\0';
}
