/* Ten parameters, eight outputs, microseconds an evaluation; f0 is a bowl, f7 <= 20 a bound. `faults` is the share of
 * evaluations that go wrong, chosen by the evaluation's seed among `kinds`: c crashes, q quits, h hangs, l leaks, z lies
 * on dmo's connection, w writes behind its output, n answers not-a-number, f fails, i is infeasible. */
#include <dmo/dmo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { double faults, seconds; char kinds[32]; } state;
static const dmo_option options[] = {
  {.kind = DMO_OPT_REAL, .key = "faults", .help = "share that goes wrong", .default_text = "0", .max = 1},
  {.kind = DMO_OPT_STRING, .key = "kinds", .help = "how", .default_text = "cqhlzwnfi"},
  {.kind = DMO_OPT_REAL, .key = "seconds", .help = "how long an evaluation takes", .unit = "s", .default_text = "0",
   .max = 60},
};
/* Another range makes another problem. */
#ifndef LARGEST
#define LARGEST 5
#endif
#define P(n) {.id = "p" #n, .min = -5, .max = LARGEST}
static const dmo_param params[] = {P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9)};
#define O(n) {.id = "f" #n, .role = DMO_OBSERVE}
static const dmo_output outputs[] = {{.id = "f0", .role = DMO_MINIMIZE}, O(1), O(2), O(3), O(4), O(5), O(6),
                                     {.id = "f7", .role = DMO_AT_MOST, .bound = 20}};
static const dmo_spec spec = {
  .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
  .param_count = 10, .params = params, .output_count = 8, .outputs = outputs,
};

static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *self, dmo_text *error) {
  (void)host, (void)error;
  state *s = calloc(1, sizeof *s);
  if (!s) return DMO_FAILED;
  s->faults = strtod(texts[0], NULL);
  snprintf(s->kinds, sizeof s->kinds, "%s", texts[1]);
  s->seconds = strtod(texts[2], NULL);
  *self = s;
  return DMO_OK;
}

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/* A frame that nobody asked for, or half of one, straight into the connection. */
static void lie(uint64_t dice) {
  unsigned char frame[48];
  for (size_t k = 0; k < sizeof frame; k++) frame[k] = (unsigned char)(mix(dice + k) >> 11);
  if (dice & 1) memcpy(frame, &(uint32_t){32}, 4), memcpy(frame + 4, &(uint16_t){64}, 2), memcpy(frame + 6, &(uint16_t){1}, 2);
  if (write(3, frame, sizeof frame) < 0) abort();
}

enum { NONETHELESS = -1 };  /* the evaluation goes on */
static dmo_status misbehave(const state *s, uint64_t dice, dmo_result *out) {
  char kind = s->kinds[dice % strlen(s->kinds)];
  switch (kind) {
  case 'c': *(volatile int *)8 = 1; break;
  case 'q': exit(0);
  case 'h': for (;;) pause();
  case 'w': for (int i = 0; i < 10000; i++) ((volatile double *)out->y)[i] = 1; break;
  case 'n': out->y[0] = NAN; return DMO_OK;
  case 'f': snprintf(out->message.data, out->message.capacity, "no licence"); return DMO_FAILED;
  case 'i': snprintf(out->message.data, out->message.capacity, "no operating point"); return DMO_INFEASIBLE;
  case 'z': lie(mix(dice)); break;
  case 'l': {
    size_t size = 4 << 20;
    char *lost = malloc(size);
    if (!lost) {
      snprintf(out->message.data, out->message.capacity, "out of memory");
      return DMO_FAILED;
    }
    /* Volatile, so that no compiler sees that nobody reads it. */
    for (size_t k = 0; k < size; k += 4096) ((volatile char *)lost)[k] = 1;
    break;
  }
  default: break;
  }
  return NONETHELESS;
}

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  const state *s = self;
  uint64_t dice = mix(call->seed);
  if (s->seconds > 0) usleep((useconds_t)(s->seconds * 1e6));
  double sum = 0;
  for (int i = 0; i < 10; i++) sum += (call->x[i] - 1) * (call->x[i] - 1);
  if (s->faults > 0 && (double)(dice >> 11) * 0x1p-53 < s->faults) {
    dmo_status status = misbehave(s, mix(dice), out);
    if (status != NONETHELESS) return status;
  }
  for (int i = 0; i < 8; i++) out->y[i] = sum / (i + 1) + 0.1 * call->x[i];
  return DMO_OK;
}
static void destroy(dmo_instance self) { free(self); }

static const dmo_problem problem = {
  .struct_size = sizeof problem, .id = "steady", .name = "Steady", .option_size = sizeof options[0],
  .option_count = sizeof options / sizeof options[0], .options = options, .spec = &spec, .evaluate = evaluate,
  .create = create, .destroy = destroy,
};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.steady", .name = "Steady",
  .version = "1.0.0", .problem_count = 1, .problems = problems,
};
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
