#define _GNU_SOURCE
#include "cdmohost.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int dmo_limit_data(size_t bytes) {
  struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
  return setrlimit(RLIMIT_DATA, &limit);
}

int dmo_limit_cpu(double seconds) {
  struct rlimit limit;
  struct rusage used;
  if (getrlimit(RLIMIT_CPU, &limit) != 0 || getrusage(RUSAGE_SELF, &used) != 0) return -1;
  double before = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                  1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  double until = ceil(before + seconds);
  limit.rlim_cur = limit.rlim_max != RLIM_INFINITY && until > (double)limit.rlim_max ? limit.rlim_max : (rlim_t)until;
  return setrlimit(RLIMIT_CPU, &limit);
}

long dmo_oom_kills(void) {
  FILE *file = fopen("/proc/vmstat", "re");
  if (!file) return -1;
  char line[128];
  long count = -1;
  while (fgets(line, sizeof line, file))
    if (sscanf(line, "oom_kill %ld", &count) == 1) break;
  fclose(file);
  return count;
}

size_t dmo_private_bytes(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  size_t size, resident, shared, text, library, data = 0;
  if (fscanf(file, "%zu %zu %zu %zu %zu %zu", &size, &resident, &shared, &text, &library, &data) != 6) data = 0;
  fclose(file);
  return data * (size_t)sysconf(_SC_PAGESIZE);
}

pid_t dmo_wait(pid_t pid, int *status, size_t *peak) {
  struct rusage used;
  memset(&used, 0, sizeof used);
  pid_t ended = wait4(pid, status, 0, &used);
  *peak = (size_t)used.ru_maxrss * 1024;
  return ended;
}
