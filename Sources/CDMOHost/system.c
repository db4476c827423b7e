#define _GNU_SOURCE
#include "cdmohost.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors are moved above this first, so that no dup2 onto 0 ... 5 overwrites one that is still needed. */
enum { FIRST_FREE = 16 };

static int actions_for(posix_spawn_file_actions_t *actions, const int from[4]) {
  int error = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
  static const int to[4] = {3, 4, 5, 1};
  for (int i = 0; i < 4 && !error; i++) error = posix_spawn_file_actions_adddup2(actions, from[i], to[i]);
  if (!error) error = posix_spawn_file_actions_adddup2(actions, 1, 2);
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, 6);
  return error;
}

int dmo_spawn(const char *path, char *const argv[], char *const envp[], int control, int shared, int life, int output,
              pid_t *pid) {
  int given[4] = {control, shared, life, output}, from[4] = {-1, -1, -1, -1}, error = 0;
  for (int i = 0; i < 4; i++)
    if ((from[i] = fcntl(given[i], F_DUPFD_CLOEXEC, FIRST_FREE)) < 0) error = errno;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (!error && !(error = posix_spawn_file_actions_init(&actions))) {
    if (!(error = posix_spawnattr_init(&attributes))) {
      sigset_t none, all;
      sigemptyset(&none);
      sigfillset(&all);
      posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
      posix_spawnattr_setpgroup(&attributes, 0);
      posix_spawnattr_setsigmask(&attributes, &none);
      posix_spawnattr_setsigdefault(&attributes, &all);
      error = actions_for(&actions, from);
      if (!error) error = posix_spawn(pid, path, &actions, &attributes, argv, envp);
      posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  for (int i = 0; i < 4; i++)
    if (from[i] >= 0) close(from[i]);
  return error;
}

int dmo_pidfd(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int dmo_shared_memory(size_t bytes) {
  int fd = memfd_create("dmo", MFD_CLOEXEC);
  if (fd >= 0 && ftruncate(fd, (off_t)bytes) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

uint8_t dmo_load_byte(const uint8_t *p) {
  return atomic_load_explicit((const _Atomic uint8_t *)p, memory_order_relaxed);
}

void dmo_store_byte(uint8_t *p, uint8_t value) {
  atomic_store_explicit((_Atomic uint8_t *)p, value, memory_order_relaxed);
}

int dmo_open_private(const char *path) { return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644); }

int dmo_open_reading(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

int dmo_lock(int fd) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_SETLK, &whole);
}

int dmo_is_locked(int fd) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(fd, F_OFD_GETLK, &whole) != 0) return -1;
  return whole.l_type != F_UNLCK;
}

uint32_t dmo_file_system(const char *path) {
  struct statfs info;
  return statfs(path, &info) == 0 ? (uint32_t)info.f_type : 0;
}

void dmo_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int dmo_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

enum { DEEPEST = 64 };  /* levels; a plugin may not make dmo exhaust its stack or descriptors */

static int remove_below(int folder, dev_t device, int depth) {
  DIR *list = fdopendir(folder);
  if (!list) {
    int error = errno;
    close(folder);
    return error;
  }
  int failed = 0;
  for (struct dirent *entry; (entry = readdir(list));) {
    const char *name = entry->d_name;
    if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]))) continue;
    if (unlinkat(dirfd(list), name, 0) == 0) continue;
    int error = errno, child = -1;
    struct stat info;
    if ((error == EISDIR || error == EPERM) && depth < DEEPEST)
      child = openat(dirfd(list), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child >= 0 && fstat(child, &info) == 0 && info.st_dev == device) {
      error = remove_below(child, device, depth + 1);
      if (!error && unlinkat(dirfd(list), name, AT_REMOVEDIR) != 0) error = errno;
    } else if (child >= 0) {
      close(child);
    }
    if (error) failed = error;
  }
  closedir(list);
  return failed;
}

int dmo_remove_tree(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  if (folder < 0) return errno;
  if (fstat(folder, &info) != 0) {
    int error = errno;
    close(folder);
    return error;
  }
  int error = remove_below(folder, info.st_dev, 0);
  if (!error && rmdir(path) != 0) error = errno;
  return error;
}

int dmo_open_folder(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

int dmo_lock_folder(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int dmo_socket_pair(int fds[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds); }

int dmo_pipe(int fds[2], int nonblocking) {
  if (pipe2(fds, O_CLOEXEC) != 0) return -1;
  /* Only the reader's end: what a plugin prints may block it, as at a terminal. */
  return nonblocking ? fcntl(fds[0], F_SETFL, O_NONBLOCK) : 0;
}

void dmo_line_buffer_output(void) { setvbuf(stdout, NULL, _IOLBF, BUFSIZ); }

void dmo_flush_output(void) { fflush(stdout); }

ssize_t dmo_send(int socket, const void *data, size_t bytes, int wait) {
  return send(socket, data, bytes, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
}

ssize_t dmo_receive(int socket, void *data, size_t bytes, int wait) {
  return recv(socket, data, bytes, wait ? 0 : MSG_DONTWAIT);
}

int dmo_has_ended(pid_t pid) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
  return info.si_pid == pid;
}

int dmo_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void dmo_no_core_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
  }
}

char **dmo_environment(void) { return environ; }

int dmo_poll(struct pollfd *fds, size_t count, double seconds) {
  if (seconds < 0) return ppoll(fds, count, NULL, NULL);
  if (seconds > 86400) seconds = 86400;
  struct timespec time = {.tv_sec = (time_t)seconds};
  time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
  return ppoll(fds, count, &time, NULL);
}
