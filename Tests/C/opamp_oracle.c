/* opamp_oracle: evaluates the sizings of an oracle table and prints the largest relative differences from it.
 * usage: opamp_oracle LIBOPAMP.SO MODELS ORACLE.CSV      exit 0: all within 1e-6 */
#include "tiny_host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_LENGTH = 8192, COLUMNS = 40, INPUTS = 10 };
static const double TOLERANCE = 1e-6;         // relative; the table comes from another process and another code path

/* Where the table keeps what; slew and vos_abs are derived from its columns. */
static const struct { const char *output, *column; } compared[] = {
  {"gain", "G"}, {"ugbw", "UGBW"}, {"pm", "PM"}, {"power", "power"}, {"satmargin", "satmargin"}, {"vos", "vos"},
};
enum { COMPARED = sizeof compared / sizeof compared[0] };

static size_t split(char *line, char **fields) {
  size_t n = 0;
  for (char *f = strtok(line, ",\r\n"); f && n < COLUMNS; f = strtok(NULL, ",\r\n")) fields[n++] = f;
  return n;
}

int main(int argc, char **argv) {
  if (argc != 4) tiny_fail("usage: %s LIBOPAMP.SO MODELS ORACLE.CSV", argv[0]);
  char setting[LINE_LENGTH], line[LINE_LENGTH], header[LINE_LENGTH], *names[COLUMNS], *fields[COLUMNS];
  snprintf(setting, sizeof setting, "models=%s", argv[2]);
  const char *settings[] = {setting};
  tiny_host h;
  tiny_create(&h, tiny_open(argv[1]), "opamp-fom", settings, 1);
  FILE *table = fopen(argv[3], "r");
  if (!table || !fgets(header, sizeof header, table)) tiny_fail("cannot read %s", argv[3]);
  size_t columns = split(header, names), at[COMPARED], rows = 0;
  for (size_t c = 0; c < COMPARED; c++) {
    for (at[c] = 0; at[c] < columns && strcmp(names[at[c]], compared[c].column) != 0;) at[c]++;
    if (at[c] == columns) tiny_fail("%s has no column %s", argv[3], compared[c].column);
  }
  double worst[COMPARED] = {0}, absolute[COMPARED] = {0}, x[INPUTS], y[64];
  while (fgets(line, sizeof line, table)) {
    if (split(line, fields) != columns) tiny_fail("%s: row %zu has another number of columns", argv[3], rows + 1);
    for (size_t i = 0; i < INPUTS; i++) x[i] = strtod(fields[i], NULL);
    char message[512] = "";
    dmo_status status = tiny_evaluate(&h, x, y, message);
    if (status != DMO_OK) tiny_fail("row %zu: status %d: %s", rows + 1, status, message);
    rows++;
    for (size_t c = 0; c < COMPARED; c++) {
      double want = strtod(fields[at[c]], NULL), d = fabs(y[tiny_output(&h, compared[c].output)] - want);
      absolute[c] = fmax(absolute[c], d);
      worst[c] = fmax(worst[c], want != 0 ? d / fabs(want) : d);
    }
  }
  fclose(table);
  tiny_destroy(&h);
  if (rows == 0) tiny_fail("%s has no rows", argv[3]);
  int bad = 0;
  printf("%zu sizings, models %s\n", rows, argv[2]);
  for (size_t c = 0; c < COMPARED; c++) {
    printf("%-10s largest relative difference %.3g (absolute %.3g)\n", compared[c].output, worst[c], absolute[c]);
    bad = bad || !(worst[c] <= TOLERANCE);
  }
  printf("%s\n", bad ? "FAIL: above 1e-6" : "pass: all within 1e-6");
  return bad;
}
