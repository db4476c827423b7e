/* opamp_faults: the plugin's sources over a simulator that fails on command, for the ways in which the real libngspice
 * fails too seldom to wait for.  Compiled together with Plugins/OpAmp and without libngspice. */
#include "tiny_host.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <ngspice/sharedspice.h>

enum { POINTS = 221 };
enum fault { NO_FAULT, NO_PLOT, FLAT_GAIN, NO_GAIN, SHORT_VECTOR, NO_DEVICE, CONTROLLED_EXIT } fault;
static SendChar *print;
static ControlledExit *leave;
static bool ac;
static int commands_after_exit;

int ngSpice_Init(SendChar *printer, SendStat *status, ControlledExit *leaver, SendData *data, SendInitData *names,
                 BGThreadRunning *thread, void *user) {
  (void)status;
  (void)data;
  (void)names;
  (void)thread;
  (void)user;
  print = printer;
  leave = leaver;
  return 0;
}

static bool gone;
int ngSpice_Circ(char **lines) {
  commands_after_exit += gone;
  for (size_t i = 0; lines[i]; i++) if (!lines[i][0] || strpbrk(lines[i], "{}'")) tiny_fail("deck line: %s", lines[i]);
  return 0;
}

int ngSpice_Command(char *text) {
  commands_after_exit += gone;
  if (text) ac = strncmp(text, "ac", 2) == 0 || (ac && strncmp(text, "op", 2) != 0);
  if (!text || strncmp(text, "ac", 2) != 0) return 0;
  if (fault == NO_PLOT) print("stderr doAnalyses: iteration limit reached: no convergence", 0, NULL);
  if (fault == CONTROLLED_EXIT) {
    print("stderr Error: planted", 0, NULL);
    gone = true;
    leave(1, false, false, 0, NULL);
  }
  return 0;
}

char *ngSpice_CurPlot(void) { return fault == NO_PLOT ? "const" : ac ? "ac1" : "op1"; }
char **ngSpice_AllPlots(void) {
  static char *plots[] = {"ac1", "op1", "const", NULL};
  return plots;
}

pvector_info ngGet_Vec_Info(char *name) {
  static vector_info answer;
  static ngcomplex_t values[POINTS];
  static double number;
  answer = (vector_info){.v_name = name, .v_length = 1, .v_realdata = &number};
  number = 1e-3;
  if (name[0] == '@') return fault == NO_DEVICE && strstr(name, "vdsat") ? NULL : &answer;
  if (strchr(name, '.')) return &answer;
  bool frequency = strcmp(name, "frequency") == 0;
  for (int i = 0; i < POINTS; i++) {
    double f = 0.1 * pow(10, i / 20.0);
    double level = fault == FLAT_GAIN ? 10 : fault == NO_GAIN ? 0 : 1000 / fmax(1, f / 1e4);
    values[i] = (ngcomplex_t){frequency ? f : level, 0};
  }
  answer.v_realdata = NULL;
  answer.v_compdata = values;
  answer.v_length = fault == SHORT_VECTOR && !frequency ? 1 : POINTS;
  return &answer;
}

static void expect(bool holds, const char *what) {
  if (!holds) tiny_fail("%s", what);
  printf("  %s\n", what);
}

static char message[512];
static double y[10];
static dmo_status answer_with(tiny_host *h, enum fault wanted) {
  static const double x[10] = {17, 1.1, 17, 1.1, 17, 1.1, 17, 1.1, 2, 10};
  fault = wanted;
  message[0] = '\0';
  return tiny_evaluate(h, x, y, message);
}

int main(void) {
  const dmo_plugin *plugin = dmo_plugin_v1(&tiny_host_table);
  tiny_host h;
  tiny_create(&h, plugin, "opamp-spec", NULL, 0);
  size_t area = tiny_output(&h, "area"), gain = tiny_output(&h, "gain"), ugbw = tiny_output(&h, "ugbw");
  size_t pm = tiny_output(&h, "pm"), fom = tiny_output(&h, "fom"), slew = tiny_output(&h, "slew");
  expect(answer_with(&h, NO_FAULT) == DMO_OK && fabs(y[ugbw] / 1e7 - 1) < 1e-9, "a sound simulator: OK");
  expect(answer_with(&h, NO_PLOT) == DMO_INFEASIBLE && strstr(message, "no convergence"),
         "no plot: INFEASIBLE, with why");
  expect(isfinite(y[area]) && isnan(y[gain]) && isnan(y[slew]), "no plot: only the area is written");
  expect(answer_with(&h, SHORT_VECTOR) == DMO_INFEASIBLE, "a short vector: INFEASIBLE");
  expect(answer_with(&h, NO_DEVICE) == DMO_INFEASIBLE, "no device values: INFEASIBLE");
  expect(answer_with(&h, FLAT_GAIN) == DMO_INFEASIBLE && message[0], "no crossing: INFEASIBLE");
  expect(fabs(y[gain] - 10) < 1e-12 && isfinite(y[slew]) && isnan(y[ugbw]) && isnan(y[pm]) && isnan(y[fom]),
         "no crossing: what is known is written, UGBW, PM and fom are not");
  expect(answer_with(&h, NO_GAIN) == DMO_INFEASIBLE && isnan(y[gain]), "a gain of 0: INFEASIBLE");
  expect(answer_with(&h, CONTROLLED_EXIT) == DMO_FATAL && strstr(message, "planted"),
         "ControlledExit: FATAL, with why");
  expect(answer_with(&h, NO_FAULT) == DMO_FATAL, "after ControlledExit: FATAL for good");
  tiny_destroy(&h);
  expect(commands_after_exit == 0, "after ControlledExit: the library is left alone");
  char error_text[512] = "";
  dmo_text error = {error_text, sizeof error_text};
  const char *texts[16] = {0};
  for (uint32_t i = 0; i < plugin->problems[0]->option_count; i++)
    texts[i] = plugin->problems[0]->options[i].default_text;
  dmo_instance second = NULL;
  expect(plugin->problems[0]->create(&tiny_host_table, texts, &second, &error) != DMO_OK && error_text[0],
         "after ControlledExit: no new instance in this process");
  return 0;
}
