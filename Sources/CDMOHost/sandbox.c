#define _GNU_SOURCE
#include "cdmohost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock's interface as documented by the kernel, spelt out since a distribution's header may be older than its
 * kernel. */
enum {
  WRITE_FILE = 1 << 1, REMOVE_DIR = 1 << 4, REMOVE_FILE = 1 << 5, MAKE_CHAR = 1 << 6, MAKE_DIR = 1 << 7,
  MAKE_REG = 1 << 8, MAKE_SOCK = 1 << 9, MAKE_FIFO = 1 << 10, MAKE_BLOCK = 1 << 11, MAKE_SYM = 1 << 12,
  REFER = 1 << 13, TRUNCATE = 1 << 14,
  BIND_TCP = 1 << 0, CONNECT_TCP = 1 << 1,
  SCOPE_ABSTRACT_SOCKETS = 1 << 0, SCOPE_SIGNALS = 1 << 1,
};
struct ruleset { uint64_t files, network, scopes; };
struct beneath { uint64_t allowed; int32_t parent; } __attribute__((packed));

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

static int allow(int rules, const char *path, uint64_t what) {
  struct beneath rule = {.allowed = what, .parent = open(path, O_PATH | O_CLOEXEC)};
  if (rule.parent < 0) return -1;
  int failed = (int)syscall(SYS_landlock_add_rule, rules, 1, &rule, 0);
  close(rule.parent);
  return failed;
}

/* Reading and running stay as they are; whatever changes a file is allowed below `scratch` alone. */
static unsigned restrict_files(const char *scratch) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
  if (version < 1) return 0;
  uint64_t files = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO |
                   MAKE_BLOCK | MAKE_SYM;
  if (version >= 2) files |= REFER;
  if (version >= 3) files |= TRUNCATE;
  struct ruleset set = {.files = files};
  size_t size = sizeof set.files;
  if (version >= 4) {
    set.network = BIND_TCP | CONNECT_TCP;
    size += sizeof set.network;
  }
  if (version >= 6) {
    set.scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    size += sizeof set.scopes;
  }
  int rules = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
  if (rules < 0) return 0;
  static const char *const sinks[] = {"/dev/null", "/dev/zero", "/dev/full"};
  int failed = allow(rules, scratch, files);
  for (int k = 0; k < 3; k++) allow(rules, sinks[k], WRITE_FILE | (files & TRUNCATE));
  if (!failed) failed = (int)syscall(SYS_landlock_restrict_self, rules, 0);
  close(rules);
  if (failed) return 0;
  return DMO_SANDBOX_FILES | (version >= 4 ? DMO_SANDBOX_TCP : 0);
}

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OWN_ARCH
#define REFUSE(number, error)                                     \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),            \
  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* No sockets but pairs, and no way around that: io_uring opens sockets without the call, another architecture's calls
 * have other numbers, and a debugger could make another process do it. */
static unsigned restrict_calls(void) {
  struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    REFUSE(SYS_socket, EACCES),
    REFUSE(SYS_ptrace, EPERM),
    REFUSE(SYS_process_vm_writev, EPERM),
    REFUSE(425 /* io_uring_setup */, ENOSYS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? DMO_SANDBOX_SOCKETS : 0;
}
#else
static unsigned restrict_calls(void) { return 0; }
#endif

unsigned dmo_sandbox(const char *scratch) {
  /* Without this, neither is allowed to a process without privileges. */
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 0;
  return restrict_files(scratch) | restrict_calls();
}
