/* A bowl whose simulator misbehaves as its option says: f = (x - 1)^2 + (y + 2)^2, g = x + y <= 0.
 * `mood` names the fault, `every` how often: evaluations whose number is a multiple of it. */
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { int mood; uint64_t every; double seconds; } state;
enum { GOOD, CRASH, QUIT, HANG, OVERRUN, NOT_A_NUMBER, UNWRITTEN, FAIL, INFEASIBLE, NOISE };
static const char *const moods[] = {"good", "crash", "quit", "hang", "overrun", "nan", "unwritten", "fail",
                                    "infeasible", "noise", NULL};
static const dmo_option options[] = {
  {.kind = DMO_OPT_CHOICE, .key = "mood", .help = "what goes wrong", .default_text = "good", .choices = moods},
  {.kind = DMO_OPT_INT, .key = "every", .help = "how often", .default_text = "5", .min = 1, .max = 1e9},
  {.kind = DMO_OPT_REAL, .key = "seconds", .help = "how long an evaluation takes", .unit = "s", .default_text = "0",
   .min = 0, .max = 60},
};
static const dmo_param params[] = {
  {.id = "x", .unit = "m", .min = -5, .max = 5},
  {.id = "y", .unit = "m", .min = -5, .max = 5},
  {.id = "phase", .min = -3, .max = 3, .periodic = 1, .count = 2},
};
static const dmo_output outputs[] = {
  {.id = "f", .unit = "m2", .role = DMO_MINIMIZE},
  {.id = "g", .unit = "m", .role = DMO_AT_MOST, .bound = 0},
  {.id = "twice", .role = DMO_OBSERVE, .count = 2},
};
static const dmo_spec spec = {
  .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
  .param_count = 3, .params = params, .output_count = 3, .outputs = outputs,
};

static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *self, dmo_text *error) {
  (void)host;
  (void)error;
  state *s = calloc(1, sizeof *s);
  if (!s) return DMO_FAILED;
  while (strcmp(moods[s->mood], texts[0]) != 0) s->mood++;
  s->every = strtoull(texts[1], NULL, 10);
  s->seconds = strtod(texts[2], NULL);
  *self = s;
  return DMO_OK;
}

static dmo_status misbehave(const state *s, dmo_result *out) {
  switch (s->mood) {
  case CRASH: *(volatile int *)8 = 1; break;
  case QUIT: exit(0);
  case HANG: for (;;) pause();
  case OVERRUN: for (int i = 0; i < 10000; i++) ((volatile double *)out->y)[i] = 1; break;
  case NOT_A_NUMBER: out->y[0] = NAN; return DMO_OK;
  case UNWRITTEN: return DMO_OK;
  case FAIL: snprintf(out->message.data, out->message.capacity, "no licence"); return DMO_FAILED;
  case INFEASIBLE:
    out->y[1] = 9;
    snprintf(out->message.data, out->message.capacity, "no operating point");
    return DMO_INFEASIBLE;
  case NOISE: printf("hello from the simulator\n"); fflush(stdout); break;
  default: break;
  }
  return DMO_OK;
}

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  const state *s = self;
  const double *x = call->x;
  if (s->seconds > 0) usleep((useconds_t)(s->seconds * 1e6));
  if (s->mood != GOOD && call->eval_id % s->every == 0) {
    dmo_status status = misbehave(s, out);
    if (s->mood != NOISE) return status;
  }
  out->y[0] = (x[0] - 1) * (x[0] - 1) + (x[1] + 2) * (x[1] + 2);
  out->y[1] = x[0] + x[1];
  out->y[2] = 2 * x[2];
  out->y[3] = 2 * x[3];
  return DMO_OK;
}
static void destroy(dmo_instance self) { free(self); }

static const dmo_problem problem = {
  .struct_size = sizeof problem, .id = "moody-bowl", .name = "Moody bowl", .option_size = sizeof options[0],
  .option_count = 3, .options = options, .spec = &spec, .evaluate = evaluate, .create = create, .destroy = destroy,
};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.moody", .name = "Moody",
  .version = "1.0.0", .problem_count = 1, .problems = problems,
};
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
