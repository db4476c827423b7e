/* simulator.c: libngspice, one per process.
 *
 * ngSpice_Circ() and ngSpice_Command() answer 0 even after errors, so success is read off the plots that exist
 * afterwards.  After a ControlledExit the library is in an unknown state for good. */
#include "opamp.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <ngspice/sharedspice.h>

enum { COMPLAINT_LENGTH = 256, NAME_LENGTH = 64 };

// The library exists once in a process, and so does this.  Its texts may come from a thread of its own.
static struct {
  pthread_mutex_t lock;
  bool started, dead;
  char complaint[COMPLAINT_LENGTH];
} simulator = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool holds(const char *text, const char *word) { return strstr(text, word) != NULL; }

/* Keeps the first complaint of a run; progress and notes are dropped.  Nothing reaches stdout or stderr. */
static int take_text(char *text, int identifier, void *user) {
  (void)identifier;
  (void)user;
  bool complaint = holds(text, "rror") || holds(text, "arning") || holds(text, "annot") || holds(text, "ingular")
    || holds(text, "onverge") || holds(text, "too small");
  if (!complaint || holds(text, "init file")) return 0;
  if (strncmp(text, "stderr ", 7) == 0 || strncmp(text, "stdout ", 7) == 0) text += 7;
  pthread_mutex_lock(&simulator.lock);
  if (!simulator.complaint[0]) snprintf(simulator.complaint, COMPLAINT_LENGTH, "%s", text);
  pthread_mutex_unlock(&simulator.lock);
  return 0;
}

static int take_exit(int status, NG_BOOL immediate, NG_BOOL quit, int identifier, void *user) {
  (void)status;
  (void)immediate;
  (void)quit;
  (void)identifier;
  (void)user;
  simulator.dead = true;
  return 0;
}

const char *simulator_complaint(void) { return simulator.complaint; }

/* The library's parameter is not const, but it copies the text. */
static void command(const char *text) {
  char copy[NAME_LENGTH];
  snprintf(copy, sizeof copy, "%s", text);
  if (!simulator.dead) ngSpice_Command(copy);
}

/* False when the process could not come back to its current folder. */
static bool start_library(const char *scratch) {
  // Starting it leaves SIGILL and SIGSEGV at their defaults, whatever the host had there.
  saved_signals signals;
  signals_save(&signals);
  clean_folder folder;
  folder_enter(&folder, scratch);
  // Without data callbacks the library does not copy every vector at every frequency.
  ngSpice_Init(take_text, NULL, take_exit, NULL, NULL, NULL, NULL);
  bool back = folder_leave(&folder);
  // OpenMP inside the device evaluation collapses on a busy machine, and OMP_NUM_THREADS does not stop it.
  command("set num_threads=1");
  signals_restore(&signals);
  return back;
}

bool simulator_start(const char *scratch, dmo_text *error) {
  bool first = !simulator.started;
  simulator.started = true;
  if (first && !start_library(scratch)) {
    simulator.dead = true;
    text_set(error, "cannot return to the current folder; start in one that can be entered");
    return false;
  }
  if (simulator.dead) text_set(error, "libngspice asked to be unloaded; start a new process");
  return !simulator.dead;
}

static const vector_info *vector(const char *name) {
  char copy[NAME_LENGTH];
  snprintf(copy, sizeof copy, "%s", name);
  return simulator.dead ? NULL : ngGet_Vec_Info(copy);
}

/* The first number of a real vector; false when there is none. */
static bool scalar(const char *name, double *value) {
  const vector_info *v = vector(name);
  if (!v || v->v_length < 1 || !v->v_realdata) return false;
  *value = v->v_realdata[0];
  return true;
}

static bool device_value(size_t number, const char *what, double *value) {
  char name[NAME_LENGTH];
  snprintf(name, sizeof name, "@m%zu[%s]", number, what);
  return scalar(name, value);
}

static void load(deck *d) {
  pthread_mutex_lock(&simulator.lock);
  simulator.complaint[0] = '\0';
  pthread_mutex_unlock(&simulator.lock);
  if (!simulator.dead) ngSpice_Circ(d->lines);
}

static void unload(void) {
  command("destroy all");
  command("remcirc");
  // Clears the library's command log, without which its memory grows with each evaluation.
  if (!simulator.dead) ngSpice_Command(NULL);
}

static bool read_sweep(sweep *s) {
  const char *plot = simulator.dead ? NULL : ngSpice_CurPlot();
  if (!plot || strncmp(plot, "ac", 2) != 0) return false;
  const vector_info *v = vector("frequency");
  if (!v || v->v_length < 2 || v->v_length > MAX_POINTS || !v->v_compdata) return false;
  s->count = (size_t)v->v_length;
  for (size_t i = 0; i < s->count; i++) s->frequency[i] = v->v_compdata[i].cx_real;
  v = vector("out");
  if (!v || (size_t)v->v_length != s->count || !v->v_compdata) return false;
  for (size_t i = 0; i < s->count; i++) {
    s->real[i] = v->v_compdata[i].cx_real;
    s->imaginary[i] = v->v_compdata[i].cx_imag;
  }
  return true;
}

static bool read_operating_point(operating_point *op) {
  char **plots = simulator.dead ? NULL : ngSpice_AllPlots();
  const char *plot = NULL;
  for (size_t i = 0; plots && plots[i] && !plot; i++) if (strncmp(plots[i], "op", 2) == 0) plot = plots[i];
  if (!plot || strlen(plot) > NAME_LENGTH / 2) return false;
  char supply[NAME_LENGTH], out[NAME_LENGTH];
  snprintf(supply, sizeof supply, "%s.vdd#branch", plot);
  snprintf(out, sizeof out, "%s.out", plot);
  if (!scalar(supply, &op->supply_current) || !scalar(out, &op->v_out)) return false;
  if (!device_value(5, "id", &op->i_tail) || !device_value(7, "id", &op->i_sink)) return false;
  for (size_t m = 1; m <= DEVICES; m++) {
    double vds, vdsat;
    if (!device_value(m, "vds", &vds) || !device_value(m, "vdsat", &vdsat)) return false;
    if (m == 1 || vds - vdsat < op->margin) op->margin = vds - vdsat;
  }
  return true;
}

sim_status simulator_amplifier(deck *d, operating_point *op, sweep *s) {
  load(d);
  command("ac dec 20 0.1 10g");
  bool answered = read_sweep(s) && read_operating_point(op);
  unload();
  return simulator.dead ? SIM_DEAD : answered ? SIM_OK : SIM_NO_ANSWER;
}

sim_status simulator_probe(deck *d, size_t count, double *currents) {
  load(d);
  command("op");
  const char *plot = simulator.dead ? NULL : ngSpice_CurPlot();
  bool answered = plot && strncmp(plot, "op", 2) == 0;
  for (size_t i = 0; answered && i < count; i++) answered = device_value(i + 1, "id", &currents[i]);
  unload();
  return simulator.dead ? SIM_DEAD : answered ? SIM_OK : SIM_NO_ANSWER;
}
