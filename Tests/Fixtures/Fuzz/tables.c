/* A plugin whose tables are sound for seed 0, and damaged in a reproducible way for every other seed: counts, sizes,
 * strides, kinds, bounds, texts, pointers, functions, whole structures. The seed stands in DMO_FUZZ_SEED, else in the
 * file's name (libtables-42.so); each call of the entry makes the tables anew. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <dmo/dmo.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PROBLEMS = 3, PARAMS = 5, OUTPUTS = 5, OPTIONS = 4, LEVELS = 2, POINTS = 2, LONG_TEXT = 70000 };

/* Everything that the host can reach, in one block, so that damage can hit any byte of it. */
static struct tables {
  dmo_plugin plugin;
  const dmo_problem *problems[PROBLEMS];
  dmo_problem problem[PROBLEMS];
  dmo_spec spec;
  dmo_param params[PARAMS];
  dmo_output outputs[OUTPUTS];
  dmo_option options[OPTIONS];
  const char *choices[4];
  dmo_gradient gradient;
  dmo_batch batch;
  dmo_composite composite;
  dmo_fidelity fidelity;
  dmo_fidelity_level levels[LEVELS];
  dmo_reference reference;
  dmo_reference_point points[POINTS];
  const dmo_reference_point *point_list[POINTS];
  dmo_artifacts artifacts;
} t;
static char *unterminated;      /* a text that runs into a page which cannot be read */
static char long_text[LONG_TEXT + 1];

/* ---- splitmix64 ------------------------------------------------------------------------------------------------- */
static uint64_t state;
static uint64_t next(void) {
  uint64_t z = (state += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}
static size_t below(size_t n) { return (size_t)(next() % n); }

/* ---- a sound table ---------------------------------------------------------------------------------------------- */
static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  (void)self;
  double sum = 0;
  for (size_t i = 0; i < call->x_count; i++) sum += call->x[i];
  for (size_t i = 0; i < out->y_count; i++) out->y[i] = sum;
  return DMO_OK;
}
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *self, dmo_text *error) {
  (void)host, (void)texts, (void)error;
  *self = &t;
  return DMO_OK;
}
static void destroy(dmo_instance self) { (void)self; }
static const dmo_spec *describe(dmo_instance self) { (void)self; return &t.spec; }
static dmo_status vjp(dmo_instance self, const dmo_call *call, const double *ybar, double *xbar, dmo_result *out) {
  for (size_t i = 0; i < call->x_count; i++) xbar[i] = ybar[0];
  return evaluate(self, call, out);
}
static dmo_status run_batch(dmo_instance self, const dmo_call *const *calls, dmo_result *const *results,
                            dmo_status *statuses, size_t n) {
  for (size_t i = 0; i < n; i++) statuses[i] = evaluate(self, calls[i], results[i]);
  return DMO_OK;
}
static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t nx, double *y, size_t ny) {
  (void)self, (void)n, (void)x, (void)nx, (void)y, (void)ny;
  return DMO_OK;
}
static size_t points(dmo_instance self, const dmo_reference_point *const **list) {
  (void)self;
  *list = t.point_list;
  return POINTS;
}
static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  (void)self, (void)call, (void)emit, (void)sink, (void)error;
  return DMO_OK;
}
static const void *extension(const char *id) {
  if (!strcmp(id, DMO_EXT_GRADIENT)) return &t.gradient;
  if (!strcmp(id, DMO_EXT_BATCH)) return &t.batch;
  if (!strcmp(id, DMO_EXT_COMPOSITE)) return &t.composite;
  if (!strcmp(id, DMO_EXT_FIDELITY)) return &t.fidelity;
  if (!strcmp(id, DMO_EXT_REFERENCE)) return &t.reference;
  return strcmp(id, DMO_EXT_ARTIFACT) ? NULL : &t.artifacts;
}

static void fill_rows(void) {
  static const char *const param_ids[PARAMS] = {"width", "fingers", "mode", "is_on", "phase"};
  static const char *const output_ids[OUTPUTS] = {"power", "gain", "noise", "trace", "area"};
  static const char *const option_keys[OPTIONS] = {"flag", "count", "factor", "corner"};
  static const double limits[PARAMS][2] = {{1e-6, 1e-3}, {1, 16}, {0, 0}, {0, 0}, {0, 6}};
  for (uint32_t i = 0; i < PARAMS; i++)
    t.params[i] = (dmo_param){.id = param_ids[i], .name = "Name", .unit = "m", .kind = i % 4, .min = limits[i][0],
                              .max = limits[i][1]};
  t.params[0].scale = DMO_LOG;
  t.params[0].has_initial = 1, t.params[0].initial = 1e-5;
  t.params[2].choices = t.choices;
  t.params[4] = (dmo_param){.id = "phase", .unit = "rad", .max = 6, .count = 6, .columns = 3, .periodic = 1};
  for (uint32_t i = 0; i < OUTPUTS; i++)
    t.outputs[i] = (dmo_output){.id = output_ids[i], .unit = "1", .role = i, .bound = 1, .scale = 2};
  t.outputs[3].role = DMO_OBSERVE, t.outputs[3].count = 4, t.outputs[3].columns = 2;
  t.outputs[4].flags = DMO_MAY_BE_NAN;
  for (uint32_t i = 0; i < OPTIONS; i++)
    t.options[i] = (dmo_option){.kind = i == 3 ? DMO_OPT_CHOICE : i, .key = option_keys[i], .help = "Help", .max = 9,
                                .default_text = i == 0 ? "true" : "2", .choices = t.choices};
  t.options[3].default_text = "tt";
}

static void fill(void) {
  memset(&t, 0, sizeof t);
  fill_rows();
  t.choices[0] = "tt", t.choices[1] = "ss", t.choices[2] = "ff";
  t.spec = (dmo_spec){.struct_size = sizeof t.spec, .param_size = sizeof t.params[0], .param_count = PARAMS,
                      .output_size = sizeof t.outputs[0], .output_count = OUTPUTS, .params = t.params,
                      .outputs = t.outputs};
  static const char *const ids[PROBLEMS] = {"first", "second", "third"};
  for (uint32_t i = 0; i < PROBLEMS; i++) {
    t.problems[i] = &t.problem[i];
    t.problem[i] = (dmo_problem){
      .struct_size = sizeof t.problem[i], .threads = i, .id = ids[i], .name = "Problem", .summary = "A problem",
      .evaluate = evaluate, .spec = &t.spec, .extension = extension};
  }
  t.problem[1].options = t.options, t.problem[1].option_count = OPTIONS, t.problem[1].option_size = sizeof t.options[0];
  t.problem[1].create = create, t.problem[1].destroy = destroy;
  t.problem[1].spec = NULL, t.problem[1].describe = describe;
  t.gradient = (dmo_gradient){.struct_size = sizeof t.gradient, .vjp = vjp};
  t.batch = (dmo_batch){.struct_size = sizeof t.batch, .evaluate = run_batch};
  t.composite = (dmo_composite){.struct_size = sizeof t.composite, .compose = compose};
  t.fidelity = (dmo_fidelity){.struct_size = sizeof t.fidelity, .level_size = sizeof t.levels[0],
                              .level_count = LEVELS, .levels = t.levels};
  t.levels[0] = (dmo_fidelity_level){"fine", "all", 1};
  t.levels[1] = (dmo_fidelity_level){"coarse", "some", 0.5};
  t.reference = (dmo_reference){.struct_size = sizeof t.reference, .points = points};
  static const double x[] = {1e-4, 2, 1, 1, 0, 0, 0, 0, 0, 0}, y[] = {1, 2, 3, 4, 5, 6, 7, 8};
  for (uint32_t i = 0; i < POINTS; i++) {
    t.point_list[i] = &t.points[i];
    t.points[i] = (dmo_reference_point){.struct_size = sizeof t.points[i], .kind = i, .note = "by hand", .x = x, .y = y,
                                        .rtol = 1e-9};
  }
  t.artifacts = (dmo_artifacts){.struct_size = sizeof t.artifacts, .draw = draw};
  t.plugin = (dmo_plugin){.struct_size = sizeof t.plugin, .id = "org.example.tables", .name = "Tables",
                          .version = "1.0.0", .problem_count = PROBLEMS, .problems = t.problems};
}

/* ---- damage ------------------------------------------------------------------------------------------------------- */
static uint32_t odd_word(void) {
  static const uint32_t words[] = {0, 1, 2, 3, 4, 5, 7, 8, 16, 40, 55, 56, 64, 72, 80, 87, 88, 89, 96, 104, 112, 1000,
                                   4095, 4096, 4104, 65535, 65536, 65537, 1u << 22, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8,
                                   0xFFFFFFFF};
  return below(8) ? words[below(sizeof words / sizeof *words)] : (uint32_t)next();
}
static double odd_number(void) {
  static const double numbers[] = {0, -0.0, 1, -1, 0.5, 1e-320, -1e-320, DBL_MIN, DBL_MAX, -DBL_MAX, 1e300, -1e300,
                                   9007199254740992.0, 9007199254740994.0, -9007199254740992.0, 1e17, 4294967296.0,
                                   1e-300, 1 + DBL_EPSILON, INFINITY, -INFINITY, NAN};
  if (below(8)) return numbers[below(sizeof numbers / sizeof *numbers)];
  uint64_t bits = next();
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static const void *odd_pointer(void) {
  switch (below(12)) {
    case 0: return (const void *)(uintptr_t)8;
    case 1: return (const void *)(uintptr_t)next();
    case 2: return unterminated;
    case 3: return (const char *)&t + below(sizeof t);          /* into the tables, hardly ever aligned */
    case 4: return &t.plugin;
    case 5: return &t.params[below(PARAMS)];
    case 6: return t.choices;
    default: return NULL;
  }
}
static const char *odd_text(void) {
  static const char *const texts[] = {"", "a", "width", "power", "first", "Two Words", "\xFF\xFE", "a\xC0\x80", "\033[2J",
                                      "a\nb", "0", "-", "_", "true", "1e999", "nan", "\xF0\x9F\xA6\x89", "NULL", "../../x"};
  size_t choice = below(48);
  if (choice == 0) return unterminated;
  if (choice == 1) return (const char *)(uintptr_t)next();
  if (choice < 5) return NULL;
  if (choice == 5) return long_text;
  return texts[below(sizeof texts / sizeof *texts)];
}

typedef struct field { size_t at; char kind; } field;   /* w word, d double, t text, p pointer, f function */
#define F(type, name, kind) {offsetof(type, name), kind}
static const field plugin_fields[] = {
  F(dmo_plugin, struct_size, 'w'), F(dmo_plugin, abi_minor, 'w'), F(dmo_plugin, id, 't'), F(dmo_plugin, name, 't'),
  F(dmo_plugin, version, 't'), F(dmo_plugin, vendor, 't'), F(dmo_plugin, license, 't'), F(dmo_plugin, url, 't'),
  F(dmo_plugin, problem_count, 'w'), F(dmo_plugin, problems, 'p')};
static const field problem_fields[] = {
  F(dmo_problem, struct_size, 'w'), F(dmo_problem, threads, 'w'), F(dmo_problem, flags, 'w'),
  F(dmo_problem, option_size, 'w'), F(dmo_problem, option_count, 'w'), F(dmo_problem, id, 't'),
  F(dmo_problem, name, 't'), F(dmo_problem, summary, 't'), F(dmo_problem, options, 'p'), F(dmo_problem, spec, 'p'),
  F(dmo_problem, evaluate, 'f'), F(dmo_problem, create, 'f'), F(dmo_problem, describe, 'f'),
  F(dmo_problem, destroy, 'f'), F(dmo_problem, extension, 'f')};
static const field spec_fields[] = {
  F(dmo_spec, struct_size, 'w'), F(dmo_spec, param_size, 'w'), F(dmo_spec, output_size, 'w'),
  F(dmo_spec, param_count, 'w'), F(dmo_spec, output_count, 'w'), F(dmo_spec, params, 'p'), F(dmo_spec, outputs, 'p')};
static const field param_fields[] = {
  F(dmo_param, id, 't'), F(dmo_param, name, 't'), F(dmo_param, unit, 't'), F(dmo_param, kind, 'w'),
  F(dmo_param, scale, 'w'), F(dmo_param, min, 'd'), F(dmo_param, max, 'd'), F(dmo_param, step, 'd'),
  F(dmo_param, choices, 'p'), F(dmo_param, count, 'w'), F(dmo_param, columns, 'w'), F(dmo_param, periodic, 'w'),
  F(dmo_param, has_initial, 'w'), F(dmo_param, initial, 'd')};
static const field output_fields[] = {
  F(dmo_output, id, 't'), F(dmo_output, name, 't'), F(dmo_output, unit, 't'), F(dmo_output, role, 'w'),
  F(dmo_output, count, 'w'), F(dmo_output, columns, 'w'), F(dmo_output, flags, 'w'), F(dmo_output, bound, 'd'),
  F(dmo_output, scale, 'd')};
static const field option_fields[] = {
  F(dmo_option, kind, 'w'), F(dmo_option, required, 'w'), F(dmo_option, key, 't'), F(dmo_option, help, 't'),
  F(dmo_option, unit, 't'), F(dmo_option, default_text, 't'), F(dmo_option, min, 'd'), F(dmo_option, max, 'd'),
  F(dmo_option, choices, 'p')};
static const field fidelity_fields[] = {
  F(dmo_fidelity, struct_size, 'w'), F(dmo_fidelity, level_size, 'w'), F(dmo_fidelity, level_count, 'w'),
  F(dmo_fidelity, levels, 'p')};
static const field level_fields[] = {
  F(dmo_fidelity_level, id, 't'), F(dmo_fidelity_level, summary, 't'), F(dmo_fidelity_level, relative_cost, 'd')};
static const field point_fields[] = {
  F(dmo_reference_point, struct_size, 'w'), F(dmo_reference_point, kind, 'w'), F(dmo_reference_point, note, 't'),
  F(dmo_reference_point, x, 'p'), F(dmo_reference_point, y, 'p'), F(dmo_reference_point, rtol, 'd'),
  F(dmo_reference_point, fidelity, 'w')};
static const field extension_fields[] = {{0, 'w'}, {8, 'f'}};   /* gradient, batch, composite, reference, artifacts */

static void damage_field(void *structure, const field *fields, size_t count) {
  const field *f = &fields[below(count)];
  char *at = (char *)structure + f->at;
  const void *pointer;
  double number;
  uint32_t word;
  switch (f->kind) {
    case 'w': word = odd_word(); memcpy(at, &word, sizeof word); break;
    case 'd': number = odd_number(); memcpy(at, &number, sizeof number); break;
    case 't': pointer = odd_text(); memcpy(at, &pointer, sizeof pointer); break;
    case 'p': pointer = odd_pointer(); memcpy(at, &pointer, sizeof pointer); break;
    default: pointer = below(6) ? NULL : (const void *)(uintptr_t)next(); memcpy(at, &pointer, sizeof pointer); break;
  }
}
#define DAMAGE(structure, fields) damage_field((structure), (fields), sizeof(fields) / sizeof *(fields))

static void damage(void) {
  switch (below(20)) {
    case 0: DAMAGE(&t.plugin, plugin_fields); break;
    case 1: case 2: DAMAGE(&t.problem[below(PROBLEMS)], problem_fields); break;
    case 3: DAMAGE(&t.spec, spec_fields); break;
    case 4: case 5: case 6: case 7: case 8: DAMAGE(&t.params[below(PARAMS)], param_fields); break;
    case 9: case 10: case 11: DAMAGE(&t.outputs[below(OUTPUTS)], output_fields); break;
    case 12: case 13: DAMAGE(&t.options[below(OPTIONS)], option_fields); break;
    case 14: DAMAGE(&t.fidelity, fidelity_fields); break;
    case 15: DAMAGE(&t.levels[below(LEVELS)], level_fields); break;
    case 16: DAMAGE(&t.points[below(POINTS)], point_fields); break;
    case 17: {
      void *tables[] = {&t.gradient, &t.batch, &t.composite, &t.reference, &t.artifacts};
      DAMAGE(tables[below(5)], extension_fields);
      break;
    }
    case 18: t.choices[below(4)] = odd_text(); break;
    default: ((unsigned char *)&t)[below(sizeof t)] ^= (unsigned char)(1u << below(8)); break;   /* any bit */
  }
}

/* Whole structures of noise, their sizes left sound at times, so that the reader comes further. */
static void noise(void *structure, size_t bytes) {
  for (size_t i = below(2) ? 4 : 0; i + 4 <= bytes; i += 4) {
    uint32_t word = odd_word();
    memcpy((char *)structure + i, &word, sizeof word);
  }
}
static void randomise(void) {
  switch (below(6)) {
    case 0: noise(&t.plugin, sizeof t.plugin); break;
    case 1: noise(&t.problem[below(PROBLEMS)], sizeof t.problem[0]); break;
    case 2: noise(&t.spec, sizeof t.spec); break;
    case 3: noise(&t.params[below(PARAMS)].kind, sizeof t.params[0] - offsetof(dmo_param, kind)); break;
    case 4: noise(&t.outputs[below(OUTPUTS)].role, sizeof t.outputs[0] - offsetof(dmo_output, role)); break;
    default: noise(&t.fidelity, sizeof t.fidelity); break;
  }
}

static uint64_t wanted_seed(void) {
  const char *text = getenv("DMO_FUZZ_SEED");
  if (text) return strtoull(text, NULL, 10);
  Dl_info info;
  const char *dash = dladdr((void *)&t, &info) && info.dli_fname ? strrchr(info.dli_fname, '-') : NULL;
  return dash ? strtoull(dash + 1, NULL, 10) : 0;
}

DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  if (!unterminated) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0) abort();
    memset(pages, 'u', page);
    unterminated = pages + page - 24;
    memset(long_text, 'l', LONG_TEXT);
  }
  fill();
  uint64_t seed = wanted_seed();
  state = seed;
  if (seed == 0) return &t.plugin;
  if (seed % 16 == 0) randomise();
  else for (size_t n = 1 + below(3); n > 0; n--) damage();
  return &t.plugin;
}
