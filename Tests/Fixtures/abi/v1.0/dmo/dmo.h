/* dmo.h: the C ABI between dmo and its simulator plugins, version 1.  C11, C17, C++17; imports into Swift 6.
 *
 * A plugin is a shared library that exports one function, dmo_plugin_v1().  It returns constant tables: what the
 * problems look like, and evaluate().  Everything else is optional; zero or NULL always means "the usual".
 *
 * Rules that hold everywhere
 *  Growth     Structs only grow at the end, by whole 8-byte units, and have no hidden padding.  A reader uses a field only
 *             if struct_size covers it and takes a missing one as zero; `reserved` is zero.  Arrays state their stride.
 *  Ownership  Nobody frees the other's memory.  Tables live until destroy() (static ones for ever); arguments, option
 *             texts and buffers die when the call returns; dmo_host and its strings live as long as the process.
 *  Layout     x holds the parameters in table order, a block taking max(1, count) consecutive numbers; y the outputs
 *             likewise.  Both are aligned to 8 bytes, no more, and may end right before an unreadable page.
 *  Threads    [main]     only one call at a time in the process, and, for DMO_THREADS_PROCESS, always the same thread.
 *             [instance] as dmo_problem.threads says.     [any] any thread, at any time during the call.
 *  Purity     y depends on (x, seed, fidelity, options) alone: not on the order of calls, the clock or eval_id.
 *  Manners    No exception, longjmp or exit() crosses.  Leave cwd, environment, locale, signals, rounding mode and
 *             stdout as they were.  Write files only below dmo_host.scratch_dir.
 */
#ifndef DMO_DMO_H
#define DMO_DMO_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__) || defined(__clang__)
#  define DMO_EXPORT __attribute__((visibility("default")))
#else
#  define DMO_EXPORT
#endif
#define DMO_ABI_MAJOR 1u      /* in the entry symbol's name: dmo_plugin_v1        */
#define DMO_ABI_MINOR 0u      /* grows when fields, constants, extensions are added */

/* ---- status ---------------------------------------------------------------- */
typedef int32_t dmo_status;   /* fixed width, never a C enum, so it can grow   */
enum {
  DMO_OK          = 0,  /* every output is written, and finite unless DMO_MAY_BE_NAN                       */
  DMO_INFEASIBLE  = 1,  /* hidden constraint: this x has no answer.  Never retried, learnt from.  Finite
                           outputs already written are kept; leave the others alone.                       */
  DMO_FAILED      = 2,  /* this try failed (licence, disk, ...); a retry may work; y is ignored            */
  DMO_CANCELLED   = 3,  /* the plugin saw cancelled() and stopped; y is ignored                            */
  DMO_BAD_INPUT   = 4,  /* the host broke the contract, or create() refuses an option                      */
  DMO_UNSUPPORTED = 5,  /* e.g. a fidelity, or a combination of options                                    */
  DMO_FATAL       = 6   /* this instance is unusable; only destroy() may follow                            */
  /* 64..95 are the host's own: 64 timed out, 65 crashed, 66 output missing or not finite. */
};
/* Host-owned text for people.  The plugin writes at most `capacity` bytes, the NUL included, UTF-8. */
typedef struct dmo_text { char *data; size_t capacity; } dmo_text;

/* ---- what a problem looks like: constant tables ------------------------------ */
enum { DMO_REAL = 0, DMO_INTEGER = 1, DMO_CATEGORICAL = 2, DMO_BOOLEAN = 3 };   /* kind  */
enum { DMO_LINEAR = 0, DMO_LOG = 1 };                                           /* scale */
typedef struct dmo_param {
  const char *id;             /* [a-z][A-Za-z0-9_]*, unique among parameters and outputs (whatever the case)    */
  const char *name, *unit;    /* label and unit text ("um", "1") for people; may be NULL                         */
  uint32_t kind, scale;       /* DMO_LOG needs min > 0                                                           */
  double min, max;            /* finite, inclusive, min <= max; integers within 2^53.  Categorical and boolean:
                                 both ignored, x is 0 .. choices-1, or 0 and 1                                   */
  double step;                /* 0: continuous; else x = min + k*step (a design grid), real kind only            */
  const char *const *choices; /* categorical: NULL-terminated labels                                             */
  uint32_t count;             /* 0: one number, called `id`; n: a block, called id[0] .. id[n-1], alike in all else */
  uint32_t columns;           /* 0: no shape; else the block is (count/columns) x columns, row major             */
  uint32_t periodic;          /* nonzero: min and max are the same point (a phase); the host wraps into [min, max) */
  uint32_t has_initial;       /* nonzero: `initial` is a sensible start (for all numbers of a block; others: BASELINE) */
  double initial;
} dmo_param;

enum { DMO_MINIMIZE = 0, DMO_MAXIMIZE = 1, DMO_AT_MOST = 2, DMO_AT_LEAST = 3, DMO_OBSERVE = 4 };   /* role */
enum { DMO_MAY_BE_NAN = 1u << 0 };         /* OBSERVE only: NaN = not defined at this x, though the status is OK  */
typedef struct dmo_output {
  const char *id, *name, *unit;
  uint32_t role;              /* the default; a user may ask otherwise, also for a goal and a bound at once       */
  uint32_t count, columns;    /* as for parameters; a block is OBSERVE only                                       */
  uint32_t flags;
  double bound;               /* AT_MOST / AT_LEAST: the limit, in `unit`                                         */
  double scale;               /* typical magnitude > 0; 0: unknown                                                */
} dmo_output;

typedef struct dmo_spec {
  uint32_t struct_size;
  uint32_t param_size;        /* sizeof(dmo_param) in the plugin's build: the stride  */
  uint32_t output_size;       /* sizeof(dmo_output) in the plugin's build             */
  uint32_t param_count, output_count, reserved;
  const dmo_param  *params;
  const dmo_output *outputs;
} dmo_spec;

/* ---- options: texts, set once, at create -------------------------------------- */
enum { DMO_OPT_BOOL = 0, DMO_OPT_INT = 1, DMO_OPT_REAL = 2, DMO_OPT_STRING = 3, DMO_OPT_CHOICE = 4, DMO_OPT_PATH = 5 };
typedef struct dmo_option {
  uint32_t kind, required;                     /* required: no default, the user must give it                      */
  const char *key, *help, *unit;
  const char *default_text;                    /* NULL: unset unless the user gives it                             */
  double min, max;                             /* INT, REAL: inclusive; both 0: no limits                          */
  const char *const *choices;                  /* CHOICE: NULL-terminated                                          */
} dmo_option;

/* ---- the host, as the plugin sees it -------------------------------------------- */
enum { DMO_LEVEL_DEBUG = 0, DMO_LEVEL_INFO = 1, DMO_LEVEL_WARNING = 2, DMO_LEVEL_ERROR = 3 };
typedef struct dmo_host {
  uint32_t struct_size, abi_minor;
  const char *name, *version;
  const char *scratch_dir;                     /* private to this process, emptied after it; NULL: write no files  */
  uint32_t threads, reserved;                  /* how many threads the plugin may keep busy; at least 1            */
  void (*log)(const struct dmo_host *, int32_t level, const char *text);      /* [any]  */
  const void *(*extension)(const struct dmo_host *, const char *id);          /* [any]  NULL: not offered */
} dmo_host;

/* ---- one evaluation -------------------------------------------------------------- */
typedef struct dmo_call {                      /* the host's, valid during the call                                 */
  uint32_t struct_size;
  uint32_t fidelity;                           /* index into dmo_fidelity.levels; 0 = reference fidelity            */
  uint64_t eval_id;                            /* unique in a run; for file names only                              */
  uint64_t seed;                               /* the only permitted randomness                                     */
  const double *x;  size_t x_count;            /* inside the box, integers exact, wrapped, on the grid              */
  int32_t (*cancelled)(const struct dmo_call *);                 /* [any]  nonzero: stop soon                       */
  void    (*progress)(const struct dmo_call *, double fraction); /* [any]  0 .. 1                                   */
  void *host_data;
} dmo_call;
typedef struct dmo_result {                    /* the host's, the plugin fills                                      */
  uint32_t struct_size, reserved;
  double *y;  size_t y_count;                  /* prefilled by the host with a NaN of its own                       */
  dmo_text message;                            /* why, when the status is not DMO_OK                                */
  double cost;                                 /* the plugin's own measure, s; prefilled NaN: unknown               */
} dmo_result;

/* ---- problem ----------------------------------------------------------------------- */
enum { DMO_THREADS_PROCESS = 0,    /* one call at a time in the process, always from the same thread (safest)       */
       DMO_THREADS_INSTANCE = 1,   /* different instances may run at the same time                                  */
       DMO_THREADS_FREE = 2 };     /* also evaluate() on one instance                                               */
enum { DMO_STOCHASTIC = 1u << 0,         /* y depends on the seed                                                   */
       DMO_EXPENSIVE = 1u << 1,          /* usually above 1 s: polls cancelled() at least each second               */
       DMO_HIDDEN_CONSTRAINTS = 1u << 2, /* may answer INFEASIBLE                                                   */
       DMO_ONE_INSTANCE = 1u << 3 };     /* at most one instance in the life of a process (a singleton library)     */
typedef void *dmo_instance;
typedef struct dmo_problem {
  uint32_t struct_size, threads, flags;
  uint32_t option_size, option_count, reserved;
  const char *id, *name, *summary;             /* id: [a-z][a-z0-9_-]*, unique in the plugin                        */
  const dmo_option *options;
  const dmo_spec *spec;                        /* set it, or describe(); not both                                   */
  /* REQUIRED.  [instance]  The status of this point. */
  dmo_status (*evaluate)(dmo_instance, const dmo_call *, dmo_result *);
  /* OPTIONAL.  [main]  NULL: no options, no state, the instance is NULL.  option_texts[i] belongs to options[i],
   * already checked against it, NULL when unset.  On failure there is no instance and destroy() is not called. */
  dmo_status (*create)(const dmo_host *, const char *const *option_texts, dmo_instance *, dmo_text *error);
  /* OPTIONAL.  [main]  The spec where options change it; the same at each call. */
  const dmo_spec *(*describe)(dmo_instance);
  void (*destroy)(dmo_instance);               /* OPTIONAL.  [main]                                                 */
  /* OPTIONAL.  [any]  The constant table of an extension, or NULL.  Needs no instance. */
  const void *(*extension)(const char *id);
} dmo_problem;

typedef struct dmo_plugin {                    /* static storage, never freed                                       */
  uint32_t struct_size, abi_minor;
  const char *id, *name, *version, *vendor, *license, *url;   /* id: reverse DNS; vendor, license, url may be NULL   */
  uint32_t problem_count, reserved;
  const dmo_problem *const *problems;
} dmo_plugin;

/* THE ONLY SYMBOL.  [main]  Fast (< 100 ms); no I/O, no output, no threads; of the host only log().
 * NULL on failure.  May be called more than once, with the same answer. */
DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *host);
typedef const dmo_plugin *(*dmo_plugin_v1_fn)(const dmo_host *host);

/* ---- extensions ------------------------------------------------------------------------ */
#define DMO_EXT_GRADIENT "dmo.gradient/1"
typedef struct dmo_gradient {                  /* exact derivatives                                                 */
  uint32_t struct_size, reserved;
  /* xbar[x_count] = J(x)^T ybar[y_count]; also fills result->y.  Entries of ybar that are 0 need no work; xbar is 0
   * for integers and categories, and ignored unless the status is OK.  [instance] */
  dmo_status (*vjp)(dmo_instance, const dmo_call *, const double *ybar, double *xbar, dmo_result *);
  /* OPTIONAL.  ydot[y_count] = J(x) xdot[x_count].  [instance] */
  dmo_status (*jvp)(dmo_instance, const dmo_call *, const double *xdot, double *ydot, dmo_result *);
} dmo_gradient;

#define DMO_EXT_BATCH "dmo.batch/1"
typedef struct dmo_batch {
  uint32_t struct_size, preferred_size;        /* 0: any.  The host may hand over any n >= 1                        */
  /* The same answers as n single calls, to the bit, one fidelity for all.  All x lie in one row-major n * x_count array that
   * starts at calls[0]->x, all y in one that starts at results[0]->y.  statuses[] come prefilled with CANCELLED, so a
   * batch may stop early; the return value is for the batch as a whole (not OK: none is used).  [instance] */
  dmo_status (*evaluate)(dmo_instance, const dmo_call *const *calls, dmo_result *const *results,
                         dmo_status *statuses, size_t n);
} dmo_batch;

#define DMO_EXT_COMPOSITE "dmo.composite/1"
typedef struct dmo_composite {                 /* goals and bounds = J(x, observed), cheap, exact, no randomness      */
  uint32_t struct_size, reserved;
  /* For each of n rows of x[x_count] and y[y_count]: from x and the OBSERVE entries of y computes all other entries, in
   * place; they equal what evaluate() gives.  OBSERVE as in the spec, whatever role a user asks for.  NaN in, NaN out. */
  dmo_status (*compose)(dmo_instance, size_t n, const double *x, size_t x_count, double *y, size_t y_count);
  /* OPTIONAL.  The reverse, each array laid out as above: reads ybar where y is not OBSERVE; adds to zbar where it is,
   * and (if not NULL) J's direct part to xbar; touches nothing else. */
  dmo_status (*compose_vjp)(dmo_instance, size_t n, const double *x, size_t x_count, const double *y, size_t y_count,
                            const double *ybar, double *zbar, double *xbar);
} dmo_composite;

#define DMO_EXT_FIDELITY "dmo.fidelity/1"
typedef struct dmo_fidelity_level { const char *id, *summary; double relative_cost; } dmo_fidelity_level;
typedef struct dmo_fidelity {                  /* levels[0] is the reference, its relative cost 1                   */
  uint32_t struct_size, level_size, level_count, reserved;
  const dmo_fidelity_level *levels;
} dmo_fidelity;

#define DMO_EXT_REFERENCE "dmo.reference/1"    /* never shown to a trainer                                          */
enum { DMO_REF_GOLDEN = 0,                     /* evaluate(x) gives y within atol + rtol*|y|                         */
       DMO_REF_BASELINE = 1, DMO_REF_BEST_KNOWN = 2, DMO_REF_OPTIMUM = 3, DMO_REF_INFEASIBLE = 4,
       DMO_REF_IDEAL = 5, DMO_REF_NADIR = 6, DMO_REF_FRONT = 7 };                   /* these three: x may be NULL    */
typedef struct dmo_reference_point {
  uint32_t struct_size, kind;
  const char *note;                            /* where it comes from                                               */
  const double *x, *y;                         /* y may be NULL; its NaN entries are not compared                    */
  double rtol, atol;
  uint64_t seed;
  uint32_t fidelity, reserved;
} dmo_reference_point;
typedef struct dmo_reference {
  uint32_t struct_size, reserved;
  /* The points of this instance, with its options; live until destroy().  Returns how many.  [main] */
  size_t (*points)(dmo_instance, const dmo_reference_point *const **points);
} dmo_reference;

#define DMO_EXT_ARTIFACT "dmo.artifact/1"      /* what a person would look at: waveforms, spectra, rasters, images  */
enum { DMO_ARTIFACT_SERIES = 0, DMO_ARTIFACT_IMAGE = 1, DMO_ARTIFACT_POINTS = 2 };  /* line, image, markers          */
typedef struct dmo_artifact {                  /* the host copies before emit() returns                              */
  uint32_t struct_size, kind;
  const char *id, *title, *x_label, *x_unit, *y_label, *y_unit;
  const char *panel;                           /* artifacts of one panel share the x axis; NULL: its own             */
  uint32_t x_log, y_log, rows, columns;        /* series, points: rows = 1, columns = points                         */
  const double *x, *y;                         /* image: x NULL, y row major                                         */
} dmo_artifact;
typedef struct dmo_artifacts {
  uint32_t struct_size, reserved;
  /* Evaluates x again and hands each picture to emit(sink, ...).  [instance] */
  dmo_status (*draw)(dmo_instance, const dmo_call *, void (*emit)(void *sink, const dmo_artifact *), void *sink,
                     dmo_text *error);
} dmo_artifacts;

#ifdef __cplusplus
}
#endif
#endif
