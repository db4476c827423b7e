/* wavefront.h: what the files of this plugin share.  Lengths in m, angles in rad, row-major grids, complex numbers
 * interleaved (re, im) as FFTW keeps them.  N is `grid`, L the padded length of the propagator. */
#ifndef WAVEFRONT_H
#define WAVEFRONT_H
#include <dmo/dmo.h>
#include <fftw3.h>
#include <stdbool.h>

#define WF_PI 3.14159265358979323846

/* Copies of a hot loop for the vector units that the machine may have; the loader picks one, so that every call in a
 * process runs the same instructions and single and batch answers agree to the bit. */
#if defined(__x86_64__) && defined(__linux__)
#  define WF_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#  define WF_HOT
#endif

typedef enum wf_method { WF_DIM, WF_ASM } wf_method;
typedef enum wf_loss { WF_L2, WF_OVERLAP } wf_loss;
typedef enum wf_observe { WF_INTENSITY, WF_FIELD } wf_observe;

typedef struct wf_setup {        /* the options, read */
  size_t grid;                   /* N */
  double spacing, wavelength, waist, distance, separation;
  wf_method method;
  wf_loss loss;
  wf_observe observe;
  bool has_amplitude;            /* modulation=complex */
  const char *target_path;       /* valid during create only; NULL: two Gaussians */
} wf_setup;

/* psi(x, y, z) from psi(x, y, 0), both on the N x N grid: a linear, symmetric map, so its own transpose. */
typedef struct wf_propagator {
  size_t grid, padded;
  fftw_plan rows_in, columns_in, columns_out, rows_out;
  fftw_complex *transfer;        /* L x L, divided by L^2 */
  fftw_complex *spectra;         /* L columns of L, rows N.. stay zero: that is the padding */
  fftw_complex *block, *result;  /* a few columns; L columns of L */
} wf_propagator;

typedef struct wf_target {
  fftw_complex *field;           /* N x N, unit power */
  double *share;                 /* N x N, the part of the power in each cell; sums to 1 */
  double share_norm;             /* sqrt of the sum of share^2 */
} wf_target;

typedef struct wf_golden {       /* what the reference extension hands out */
  size_t count;
  dmo_reference_point *points;
  const dmo_reference_point **table;
  double *numbers;
} wf_golden;

typedef struct wf_instance {
  wf_setup setup;
  bool is_default;               /* all options are: the golden points hold */
  size_t cells;                  /* N^2 */
  double cell_area;              /* m2 */
  double *beam;                  /* N x N, real amplitude of the input field, unit power */
  wf_target target;
  wf_propagator propagator;
  /* Work space of one call, hence DMO_THREADS_INSTANCE. */
  double *wrapped;               /* phases brought into -pi .. pi */
  fftw_complex *carrier;         /* N x N: beam times exp(i phase) */
  fftw_complex *masked, *back;   /* N x L, columns N.. stay zero */
  fftw_complex *out;             /* N x L, columns N.. are junk */
  double *observed, *observed_bar;
  size_t observed_count;         /* N^2 intensities, or N^2 re and N^2 im */
  dmo_param params[2];
  dmo_output outputs[3];
  dmo_spec spec;
  wf_golden golden;
} wf_instance;

/* y is the loss, then the observed numbers. */
enum { WF_Y_LOSS = 0, WF_Y_OBSERVED = 1 };

/* options.c */
enum { WF_OPTION_COUNT = 11 };
extern const dmo_option wf_options[WF_OPTION_COUNT];
dmo_status wf_read_setup(const char *const *texts, wf_setup *setup, const dmo_text *error);
bool wf_is_default(const wf_setup *setup);

/* text.c: a message for people; longer ones are cut, NUL kept. */
void wf_say(const dmo_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A number of the whole text, whatever locale the process has. */
bool wf_number(const char *text, double *value);

/* instance.c */
dmo_status wf_create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error);
void wf_destroy(dmo_instance instance);
const dmo_spec *wf_describe(dmo_instance instance);

/* kernel.c: the impulse response at lags 0 .. N-1 in both directions (it is even), times the cell area; N x N.
 * O(N^2) for dim; a transform of (5N)^2 for asm.  False when memory ran out. */
bool wf_kernel(const wf_setup *setup, fftw_complex *kernel);

/* propagator.c */
bool wf_propagator_init(wf_propagator *propagator, const wf_setup *setup);
void wf_propagator_clear(wf_propagator *propagator);
/* in, out: N x L.  O(L^2 log L), allocates nothing. */
void wf_propagate(const wf_propagator *propagator, fftw_complex *in, fftw_complex *out);

/* target.c */
dmo_status wf_target_init(wf_target *target, const wf_setup *setup, const dmo_text *error);
void wf_target_clear(wf_target *target);
/* Scales to unit power; the power before, 0 or not finite where there is none. */
double wf_normalise(double *numbers, size_t count, double cell_area);

/* target_file.c: the field under `target_field`, N x N, as written. */
dmo_status wf_read_target(const char *path, size_t grid, fftw_complex *field, const dmo_text *error);

/* mask.c */
/* carrier[i] = beam[i] exp(i phase[i]); |phase| <= pi. */
void wf_carrier(const double *beam, const double *phase, fftw_complex *carrier, size_t count);
/* x of a call -> carrier and masked.  BAD_INPUT when x is not finite or an amplitude leaves 0 .. 1. */
dmo_status wf_apply_mask(wf_instance *self, const double *x, const dmo_text *message);

/* loss.c: from the observed numbers alone, so that compose() and evaluate() share it. */
double wf_loss_value(const wf_instance *self, const double *observed);
/* Adds factor times the loss's gradient to observed_bar. */
void wf_loss_gradient(const wf_instance *self, const double *observed, double factor, double *observed_bar);

/* evaluate.c, gradient.c, artifact.c, reference.c */
dmo_status wf_check_call(const wf_instance *self, const dmo_call *call, const dmo_result *result);
/* The observed numbers at x, into observed; leaves masked and out for the gradient. */
dmo_status wf_simulate(wf_instance *self, const double *x, double *observed, const dmo_text *message);
dmo_status wf_evaluate(dmo_instance instance, const dmo_call *call, dmo_result *result);
extern const dmo_batch wf_batch;
extern const dmo_composite wf_composite;
extern const dmo_gradient wf_gradient;
extern const dmo_artifacts wf_artifacts;
extern const dmo_reference wf_reference;
void wf_golden_clear(wf_golden *golden);
#endif
