/* opamp.h: what the files of the op-amp plugin share.  Lengths in um and pF at the edge of the plugin, SI inside. */
#ifndef OPAMP_H
#define OPAMP_H
#include <dmo/dmo.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- parameters and outputs, in the order of the tables in problems.c ---------------------------------------- */
enum {
  X_W_BIAS, X_L_BIAS, X_W_PAIR, X_L_PAIR, X_W_LOAD, X_L_LOAD, X_W_GAIN, X_L_GAIN, X_RATIO, X_C_COMP, X_COUNT
};
enum { Y_GAIN, Y_UGBW, Y_PM, Y_POWER, Y_VOS, Y_VOS_ABS, Y_SATMARGIN, Y_SLEW, Y_AREA, Y_FOM, Y_COUNT };
enum {
  OPT_MODELS, OPT_IBIAS, OPT_CLOAD, OPT_VDD, OPT_VCM, OPT_W_GAIN, OPT_W_PM, OPT_W_UGBW, OPT_GAIN_UNIT, OPT_COUNT
};
extern const dmo_param opamp_params[X_COUNT];
extern const dmo_option opamp_options[OPT_COUNT];
extern const dmo_problem opamp_fom_problem, opamp_spec_problem;

/* ---- text.c ---------------------------------------------------------------------------------------------------- */
/* Formats into the host's buffer; cut at its capacity, never inside a UTF-8 sequence. */
void text_set(dmo_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- guard.c: process-wide state, as the host had it ------------------------------------------------------------ */
typedef struct guard guard;
guard *guard_new(void);                      /* NULL: out of memory                                                */
void guard_free(guard *g);
void guard_enter(guard *g);                  /* the C locale and the default floating-point environment, in here    */
void guard_leave(guard *g);                  /* everything back as it was at guard_enter()                          */
enum { SIGNALS = 32 };                       /* the standard ones: libngspice never touches those of real time      */
typedef struct saved_signals { struct sigaction actions[SIGNALS]; bool known[SIGNALS]; } saved_signals;
void signals_save(saved_signals *saved);
void signals_restore(const saved_signals *saved);
typedef struct clean_folder { int outer; bool made; } clean_folder;
void folder_enter(clean_folder *f, const char *scratch);   /* a current folder with an empty .spiceinit               */
bool folder_leave(const clean_folder *f);                  /* back, nothing left behind; false: could not go back      */

/* ---- cards.c: transistor models --------------------------------------------------------------------------------- */
enum { CARD_NMOS, CARD_PMOS };
typedef struct card {
  int type;
  double lmin, lmax, wmin, wmax;             /* m; the whole half-line where the card states no range               */
  size_t first_line, line_count;             /* into card_set.lines                                                 */
} card;
typedef struct card_set {
  char name[64];                             /* of the model set, for people: "generic130" or the file's own name    */
  card *cards;  size_t count;                /* in the file's order, which decides between two bins at an edge       */
  char **lines; size_t line_count;           /* ".model nfet.3 nmos", "+ toxe=4.1e-9 ..."                            */
  char *text;
} card_set;
#define CARD_BIN_MARGIN 2e-9                 /* m; the simulator itself accepts sizes 1 nm outside a bin              */
extern const char generic130_cards[];
/* Parses a text that begins with a line break.  On failure says why; the caller frees the set either way. */
bool cards_parse(card_set *set, const char *text, size_t length, const char *label, dmo_text *error);
/* Reads a flat card file; `path` NULL: the built-in pair.  On failure says why and leaves the set empty. */
bool cards_load(card_set *set, const char *path, dmo_text *error);
void cards_free(card_set *set);
bool card_covers(const card *c, int type, double w, double l);

/* ---- deck.c: the netlist ----------------------------------------------------------------------------------------- */
enum { DEVICES = 8 };
typedef struct bench { double ibias, cload, vdd, vcm; } bench;      /* A, F, V, V                                     */
typedef struct device { int type; double w, l; } device;            /* m                                              */
typedef struct deck {
  char **lines;                              /* NULL-terminated, for ngSpice_Circ()                                  */
  char *text;                                /* the lines that are written anew for each sizing                      */
  bool *needed;                              /* per card                                                             */
  size_t used, line_count;
} deck;
bool deck_init(deck *d, const card_set *set);
void deck_free(deck *d);
void devices_of(const double *x, device devices[DEVICES]);           /* M1 .. M8                                      */
/* The testbench of one sizing.  Returns the index of a device that no card covers, else -1. */
int deck_amplifier(deck *d, const card_set *set, const bench *b, const double *x);
/* Each card drives one device from a stiff supply: shows whether the simulator takes the cards at all. */
void deck_probe(deck *d, const card_set *set, double vdd);

/* ---- simulator.c: libngspice ---------------------------------------------------------------------------------------- */
enum { MAX_POINTS = 256 };
typedef struct sweep {
  size_t count;
  double frequency[MAX_POINTS], real[MAX_POINTS], imaginary[MAX_POINTS];   /* Hz; V(out) for 1 V across the inputs   */
} sweep;
typedef struct operating_point {
  double supply_current, v_out, i_tail, i_sink;   /* A, V, A, A                                                     */
  double margin;                                  /* min over the devices of vds - vdsat, V                         */
} operating_point;
typedef enum { SIM_OK, SIM_NO_ANSWER, SIM_DEAD } sim_status;
bool simulator_start(const char *scratch, dmo_text *error);     /* once a process; scratch may be NULL           */
sim_status simulator_amplifier(deck *d, operating_point *op, sweep *s);
/* The drain currents (A) of the probe's devices. */
sim_status simulator_probe(deck *d, size_t count, double *currents);
const char *simulator_complaint(void);       /* the last error or warning text, "" if none                          */

/* ---- measures.c -------------------------------------------------------------------------------------------------------- */
typedef enum { CROSSING_FOUND, CROSSING_BELOW, CROSSING_BEYOND } crossing;  /* BELOW: |A| <= 1 from the start        */
typedef struct weights { double gain, pm, ugbw; bool decibel; } weights;
void sweep_bode(const sweep *s, double *decibels, double *degrees);
/* DC gain (linear), unity-gain frequency (Hz), phase margin (deg). */
crossing measure_open_loop(const sweep *s, double *gain, double *ugbw, double *pm);
double figure_of_merit(const weights *w, double gain, double ugbw, double pm);
double gate_area(const device devices[DEVICES]);                     /* um2 */

/* ---- amplifier.c: the instance ------------------------------------------------------------------------------------------- */
typedef struct amplifier {
  card_set cards;
  deck deck;
  bench bench;
  weights weights;
  guard *guard;
  bool all_defaults;                         /* the golden points hold for these alone                               */
  bool dead;                                 /* the simulator asked to be unloaded: nothing can be trusted after      */
  operating_point op;
  sweep sweep;
} amplifier;
dmo_status amplifier_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error);
dmo_status amplifier_evaluate(dmo_instance self, const dmo_call *call, dmo_result *result);
void amplifier_destroy(dmo_instance self);
/* Runs the simulator; the status of the point, `message` set unless OK.  Used by evaluate and draw. */
dmo_status amplifier_simulate(amplifier *a, const double *x, dmo_text *message);
dmo_status amplifier_check_call(const amplifier *a, const dmo_call *call, dmo_text *message);

/* ---- artifact.c, reference.c ------------------------------------------------------------------------------------------------ */
extern const dmo_artifacts opamp_artifacts;
extern const dmo_reference opamp_reference;
#endif
