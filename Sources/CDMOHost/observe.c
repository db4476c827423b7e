#define _GNU_SOURCE
#include "cdmohost.h"

#include <fenv.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__x86_64__)
#  include <xmmintrin.h>
#endif

uint32_t dmo_floating_mode(void) {
  uint32_t mode = (uint32_t)fegetround() << 16;
#if defined(__x86_64__)
  enum { STICKY = 0x3F };
  mode |= _mm_getcsr() & ~(uint32_t)STICKY & 0xFFFF;
#endif
  return mode;
}

void dmo_signal_handlers(uintptr_t handlers[DMO_SIGNALS]) {
  handlers[0] = 0;
  for (int number = 1; number < DMO_SIGNALS; number++) {
    struct sigaction action;
    handlers[number] = sigaction(number, NULL, &action) == 0 ? (uintptr_t)action.sa_sigaction : 0;
  }
}

size_t dmo_heap_bytes(void) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

void dmo_flush_all(void) { fflush(NULL); }

int dmo_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void dmo_limit_memory(uint64_t bytes) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_max >= bytes) {
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_DATA, &limit);
  }
}

int dmo_capture_start(dmo_capture *capture) {
  fflush(NULL);
  capture->file = memfd_create("dmo-printed", MFD_CLOEXEC);
  capture->out = dup(1);
  capture->error = dup(2);
  if (capture->file < 0 || capture->out < 0 || capture->error < 0) return -1;
  return dup2(capture->file, 1) < 0 || dup2(capture->file, 2) < 0 ? -1 : 0;
}

void dmo_capture_stop(dmo_capture *capture) {
  fflush(NULL);
  dup2(capture->out, 1);
  dup2(capture->error, 2);
  close(capture->out);
  close(capture->error);
}
