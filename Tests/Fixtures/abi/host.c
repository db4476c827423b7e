/* A host by the rules: it steps through arrays by the plugin's strides, and reads a field only where the plugin's size
 * covers it. Prints all that a plugin says and answers, the same for every pair of headers that host and plugin were
 * built with; lines that start with "later" tell the fields that only a grown header has. */
#include <dlfcn.h>
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef DMO_GROWN
#  define LATER , .later = {0}
#  define SAY_LATER(name, table) printf("later %s %d\n", name, (int)(table).later[0])
#else
#  define LATER
#  define SAY_LATER(name, table) (void)(table)
#endif

static void fail(const char *what) {
  fprintf(stderr, "abi host: %s\n", what);
  exit(1);
}
/* What the plugin has of a structure; the rest is zero. */
static void take(void *to, size_t to_size, const void *from, size_t from_size) {
  memset(to, 0, to_size);
  memcpy(to, from, to_size < from_size ? to_size : from_size);
}
static uint32_t size_of(const void *table) {
  uint32_t size;
  memcpy(&size, table, sizeof size);
  return size;
}
#define TAKE(type, name, from) type name; take(&name, sizeof name, (from), size_of(from))
#define TAKE_ROW(type, name, from, stride, row) \
  type name; take(&name, sizeof name, (const char *)(from) + (size_t)(row) * (stride), (stride))

static void say(const dmo_host *host, int32_t level, const char *text) {
  (void)host;
  printf("log %d %s\n", level, text);
}
static const void *offer(const dmo_host *host, const char *id) { (void)host, (void)id; return NULL; }
static int32_t never(const dmo_call *call) { (void)call; return 0; }
static void ignore(const dmo_call *call, double fraction) { (void)call, (void)fraction; }
static void show(void *sink, const dmo_artifact *given) {
  (void)sink;
  TAKE(dmo_artifact, a, given);
  printf("artifact %s %u %u %g\n", a.id, a.rows, a.columns, a.y[0]);
  SAY_LATER("artifact", a);
}

static void tables(const dmo_problem *problem, const dmo_spec *spec) {
  for (uint32_t i = 0; i < spec->param_count; i++) {
    TAKE_ROW(dmo_param, p, spec->params, spec->param_size, i);
    printf("param %s %u %u %g %g %u %u %u %g %s\n", p.id, p.kind, p.scale, p.min, p.max, p.count, p.periodic,
           p.has_initial, p.initial, p.choices ? p.choices[1] : "-");
    SAY_LATER("param", p);
  }
  for (uint32_t i = 0; i < spec->output_count; i++) {
    TAKE_ROW(dmo_output, o, spec->outputs, spec->output_size, i);
    printf("output %s %u %u %u %g %g\n", o.id, o.role, o.count, o.flags, o.bound, o.scale);
    SAY_LATER("output", o);
  }
  for (uint32_t i = 0; i < problem->option_count; i++) {
    TAKE_ROW(dmo_option, o, problem->options, problem->option_size, i);
    printf("option %s %u %s %g %g\n", o.key, o.kind, o.default_text, o.min, o.max);
    SAY_LATER("option", o);
  }
}

/* One evaluation through `how`: 0 evaluate, 1 vjp, 2 batch. */
static void answer(const dmo_problem *problem, dmo_instance self, double width, uint32_t fidelity, int how) {
  double x[] = {width, 1, 2, 1}, y[] = {NAN, NAN, NAN, NAN}, ybar[] = {1, 1, 1, 1}, xbar[4] = {0};
  char message[64] = "";
  dmo_call call = {.struct_size = sizeof call, .fidelity = fidelity, .x = x, .x_count = 4, .cancelled = never,
                   .progress = ignore LATER};
  dmo_result out = {.struct_size = sizeof out, .y = y, .y_count = 4, .message = {message, sizeof message},
                    .cost = NAN LATER};
  dmo_status status = DMO_CANCELLED;
  if (how == 0) status = problem->evaluate(self, &call, &out);
  if (how == 1) {
    TAKE(dmo_gradient, gradient, problem->extension(DMO_EXT_GRADIENT));
    status = gradient.vjp(self, &call, ybar, xbar, &out);
    SAY_LATER("gradient", gradient);
  }
  if (how == 2) {
    TAKE(dmo_batch, batch, problem->extension(DMO_EXT_BATCH));
    const dmo_call *calls[] = {&call};
    dmo_result *results[] = {&out};
    if (batch.evaluate(self, calls, results, &status, 1) != DMO_OK) fail("the batch failed");
    SAY_LATER("batch", batch);
  }
  printf("answer %d %d [%g %g %g %g] [%g %g %g %g] cost %g %s\n", how, status, y[0], y[1], y[2], y[3], xbar[0],
         xbar[1], xbar[2], xbar[3], out.cost, message);
}

static void extensions(const dmo_problem *problem, dmo_instance self) {
  TAKE(dmo_fidelity, fidelity, problem->extension(DMO_EXT_FIDELITY));
  for (uint32_t i = 0; i < fidelity.level_count; i++) {
    TAKE_ROW(dmo_fidelity_level, level, fidelity.levels, fidelity.level_size, i);
    printf("level %s %g\n", level.id, level.relative_cost);
    SAY_LATER("level", level);
  }
  SAY_LATER("fidelity", fidelity);
  TAKE(dmo_reference, reference, problem->extension(DMO_EXT_REFERENCE));
  const dmo_reference_point *const *points;
  for (size_t i = 0, n = reference.points(self, &points); i < n; i++) {
    TAKE(dmo_reference_point, point, points[i]);
    printf("point %u %s %g %g %g\n", point.kind, point.note, point.x[0], point.y[0], point.rtol);
    SAY_LATER("point", point);
  }
  SAY_LATER("reference", reference);
  TAKE(dmo_composite, composite, problem->extension(DMO_EXT_COMPOSITE));
  double x[] = {3, 1, 2, 1}, y[] = {0, 3, 0, 0};
  if (composite.compose(self, 1, x, 4, y, 4) != DMO_OK) fail("compose failed");
  printf("compose %g %g\n", y[0], y[3]);
  SAY_LATER("composite", composite);
  TAKE(dmo_artifacts, artifacts, problem->extension(DMO_EXT_ARTIFACT));
  dmo_call call = {.struct_size = sizeof call, .x = x, .x_count = 4, .cancelled = never, .progress = ignore LATER};
  char message[64] = "";
  dmo_text error = {message, sizeof message};
  if (artifacts.draw(self, &call, show, NULL, &error) != DMO_OK) fail("draw failed");
  SAY_LATER("artifacts", artifacts);
}

int main(int argc, char **argv) {
  void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!library) fail(argc == 2 ? dlerror() : "usage: host PLUGIN");
  dmo_plugin_v1_fn entry;
  void *symbol = dlsym(library, "dmo_plugin_v1");
  if (!symbol) fail("no dmo_plugin_v1");
  memcpy(&entry, &symbol, sizeof entry);
  static const dmo_host host = {.struct_size = sizeof host, .abi_minor = DMO_ABI_MINOR, .name = "abi", .version = "1",
                                .threads = 3, .log = say, .extension = offer LATER};
  const dmo_plugin *given = entry(&host);
  if (!given) fail("dmo_plugin_v1 answered NULL");
  TAKE(dmo_plugin, plugin, given);
  printf("plugin %s %s %u\n", plugin.id, plugin.version, plugin.problem_count);
  TAKE(dmo_problem, problem, plugin.problems[0]);
  printf("problem %s %u %u\n", problem.id, problem.threads, problem.flags);
  TAKE(dmo_spec, spec, problem.spec);
  SAY_LATER("plugin", plugin);
  SAY_LATER("problem", problem);
  SAY_LATER("spec", spec);
  tables(&problem, &spec);
  const char *texts[] = {"2", "fast"};
  char message[64] = "";
  dmo_text error = {message, sizeof message};
  dmo_instance self = NULL;
  if (problem.create(&host, texts, &self, &error) != DMO_OK) fail(message);
  answer(&problem, self, 3, 0, 0);
  answer(&problem, self, 3, 1, 0);
  answer(&problem, self, 60, 0, 0);
  answer(&problem, self, 3, 0, 1);
  answer(&problem, self, 3, 0, 2);
  extensions(&problem, self);
  problem.destroy(self);
  return 0;
}
