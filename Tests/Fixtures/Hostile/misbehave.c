/* Does what its first parameter says; answers y = 2 * argument when it behaves. */
#define _GNU_SOURCE
#include <dmo/dmo.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GOOD, CRASH, EXIT, HANG, OVERRUN, UNDERRUN, WRITE_NAN, UNWRITTEN, WRITE_X, BAD_STATUS, FATAL, NOISE, SLEEP,
       ABORT, FORK_AND_HANG, STUBBORN, FAILED, WAIT_FOR_CANCEL, OVERFLOW_STACK, FLOOD, CLOSE_CONNECTION, LIE,
       HUGE_FRAME, SCRATCH, GIANT_MESSAGE, LEAK, BURN, WRITE_OUTSIDE, OPEN_SOCKET, COUNT };

static const char *scratch;
static const dmo_param params[] = {{.id = "what", .kind = DMO_INTEGER, .max = COUNT}, {.id = "argument", .max = 1e6}};
static const dmo_output outputs[] = {{.id = "y", .role = DMO_MINIMIZE}};
static const dmo_spec spec = {.struct_size = sizeof spec, .param_size = sizeof params[0],
                              .output_size = sizeof outputs[0], .param_count = 2, .params = params, .output_count = 1,
                              .outputs = outputs};

static int dig(volatile char *above) {
  volatile char here[4096];
  here[0] = above[0];
  return dig(here) + here[0];
}
static void touch(const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", scratch, name);
  FILE *file = fopen(path, "w");
  if (file) fclose(file);
}
static void send_raw(uint32_t length, uint16_t kind, uint64_t id) {
  unsigned char header[16];
  uint16_t version = 1;
  memcpy(header, &length, 4);
  memcpy(header + 4, &kind, 2);
  memcpy(header + 6, &version, 2);
  memcpy(header + 8, &id, 8);
  if (write(3, header, sizeof header) < 0) abort();
}

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  (void)self;
  double argument = call->x[1];
  volatile double *y = out->y;
  y[0] = 2 * argument;
  switch ((int)call->x[0]) {
  case CRASH: *(volatile int *)8 = 1; break;
  case EXIT: exit((int)argument);
  case HANG:
    call->progress(call, getpid() / 4194304.0);   /* so that a test can find this process */
    for (;;) pause();
  case OVERRUN: y[1] = 1; break;
  case UNDERRUN: y[-1] = 1; break;
  case WRITE_NAN: y[0] = NAN; break;
  case UNWRITTEN: memcpy((void *)out->y, &(uint64_t){0x7FF8646D6F00A5C3}, 8); break;
  case WRITE_X: *(volatile double *)call->x = 1; break;
  case BAD_STATUS: return 77;
  case FATAL: snprintf(out->message.data, out->message.capacity, "out of licences"); return DMO_FATAL;
  case NOISE:
    printf("evaluating %g\n", argument);
    fprintf(stderr, "warning %g\n", argument);
    if (write(1, "raw\n", 4) < 0) abort();
    break;
  case SLEEP: usleep((useconds_t)(argument * 1000)); break;
  case ABORT: fprintf(stderr, "assertion failed\n"); abort();
  case FORK_AND_HANG: {
    char name[32];
    pid_t child = fork();
    if (child == 0) for (;;) pause();
    snprintf(name, sizeof name, "child %d", child);
    printf("%s\n", name);
    for (;;) pause();
  }
  case STUBBORN: signal(SIGTERM, SIG_IGN); for (;;) pause();
  case FAILED: snprintf(out->message.data, out->message.capacity, "no licence"); return DMO_FAILED;
  case WAIT_FOR_CANCEL:
    while (!call->cancelled(call)) {
      call->progress(call, 0.5);
      usleep(1000);
    }
    return DMO_CANCELLED;
  case OVERFLOW_STACK: { volatile char here[16] = {0}; y[0] = dig(here); break; }
  case FLOOD: for (int k = 0; k < 100000; k++) printf("line %d of a flood of text\n", k); break;
  case CLOSE_CONNECTION: close(3); break;
  case LIE: send_raw(0, 64, call->eval_id + 1); break;
  case HUGE_FRAME: send_raw(0xFFFFFFF0u, 64, call->eval_id); break;
  case SCRATCH: touch("file"); break;
  case LEAK: {   /* argument: MiB */
    size_t size = (size_t)argument << 20;
    char *lost = malloc(size);
    if (!lost) {
      snprintf(out->message.data, out->message.capacity, "out of memory");
      return DMO_FAILED;
    }
    memset(lost, 1, size);
    y[0] = lost[size / 2];
    break;
  }
  case BURN: for (volatile int turns = 0;; turns = !turns) {}
  case WRITE_OUTSIDE: {   /* one more for each kind of change that is allowed outside the scratch folder */
    char path[64];
    snprintf(path, sizeof path, "/tmp/dmo-outside-%d", (int)argument);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    y[0] = (file >= 0) + (rename(path, "/tmp/dmo-outside-renamed") == 0) + (unlink("/tmp/dmo-outside-renamed") == 0) +
           (mkdir(path, 0700) == 0) + (rmdir(path) == 0);
    if (file >= 0) close(file);
    int own = open(scratch, O_DIRECTORY | O_RDONLY);
    int inside = openat(own, "inside", O_WRONLY | O_CREAT, 0600);
    if (own < 0 || inside < 0) return DMO_FAILED;
    close(inside), close(own);
    break;
  }
  case OPEN_SOCKET: {
    int domains[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
    y[0] = 0;
    for (int k = 0; k < 4; k++) {
      int made = socket(domains[k], SOCK_DGRAM, 0);
      y[0] += made >= 0;
      if (made >= 0) close(made);
    }
    break;
  }
  case GIANT_MESSAGE: memset(out->message.data, 'x', out->message.capacity); return DMO_FAILED;
  }
  return DMO_OK;
}
static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  (void)texts, (void)error, (void)instance;
  scratch = host->scratch_dir;
  return DMO_OK;
}
static const dmo_problem problem = {.struct_size = sizeof problem, .id = "misbehave", .spec = &spec,
                                    .evaluate = evaluate, .create = create};
static const dmo_problem *const problems[] = {&problem};
static const dmo_plugin plugin = {.struct_size = sizeof plugin, .id = "org.example.misbehave", .name = "Misbehave",
                                  .version = "1.0.0", .problem_count = 1, .problems = problems};
DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *host) { (void)host; return &plugin; }
