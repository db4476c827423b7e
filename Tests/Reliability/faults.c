/* A shim for LD_PRELOAD: lets one system call on the files of a study fail.
 *
 * FAULT_AT=N FAULT_KIND=enospc|eio|eintr|short|enospc-on|kill   the N-th call fails ("-on": and every later one that
 * writes; eintr: once, as a signal would; short: half of it is written; kill: the process dies before it).
 * FAULT_LOG=FILE   the number of calls and whether one failed are written there at the end of the process.
 * A study's files are those whose name holds ".dmo". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 1024 };
static _Atomic unsigned char watched[MOST];
static atomic_long calls, failed;
static long at = -1;
static const char *kind = "";
static pid_t owner;

__attribute__((constructor)) static void start(void) {
  const char *text = getenv("FAULT_AT");
  if (text) at = atol(text);
  if ((text = getenv("FAULT_KIND"))) kind = text;
  owner = getpid();
}
__attribute__((destructor)) static void end(void) {
  const char *path = getenv("FAULT_LOG");
  if (!path || getpid() != owner) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld %ld\n", atomic_load(&calls), atomic_load(&failed));
  fclose(file);
}
/* dmo ends so, past the destructor. */
void _exit(int status) {
  end();
  syscall(SYS_exit_group, status);
  __builtin_unreachable();
}

static void *real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}
static int is_study(const char *path) { return path && strstr(path, ".dmo") != NULL && !strstr(path, "/.dmo"); }
static int is_watched(int fd) { return fd >= 0 && fd < MOST && atomic_load(&watched[fd]); }

enum { SOUND, FAIL, HALF };
enum { READS = 0, WRITES = 1, MOVES = 2 };  /* MOVES: bytes, so that it may be interrupted or do half its work */
/* What becomes of this call; sets errno. */
static int verdict(int what) {
  int writes = what & WRITES;
  if (getpid() != owner) return SOUND;
  long number = atomic_fetch_add(&calls, 1) + 1;
  int stays = strcmp(kind, "enospc-on") == 0;
  if (at < 0 || !(number == at || (stays && number > at && writes))) return SOUND;
  if (!(what & MOVES) && (strcmp(kind, "short") == 0 || strcmp(kind, "eintr") == 0)) return SOUND;
  atomic_fetch_add(&failed, 1);
  if (strcmp(kind, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(kind, "short") == 0) return HALF;
  errno = strcmp(kind, "eio") == 0 ? EIO : strcmp(kind, "eintr") == 0 ? EINTR : ENOSPC;
  return FAIL;
}

#define OPENER(name, ...)                                                                \
  int name(__VA_ARGS__, int flags, ...) {                                                \
    va_list rest;                                                                        \
    va_start(rest, flags);                                                               \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;              \
    va_end(rest);
OPENER(open, const char *path)
    int study = is_study(path);
    if (study && verdict(flags & O_CREAT) == FAIL) return -1;
    int fd = ((int (*)(const char *, int, ...))real("open"))(path, flags, mode);
    if (fd >= 0 && fd < MOST) atomic_store(&watched[fd], (unsigned char)study);
    return fd;
}
OPENER(open64, const char *path)
    int study = is_study(path);
    if (study && verdict(flags & O_CREAT) == FAIL) return -1;
    int fd = ((int (*)(const char *, int, ...))real("open64"))(path, flags, mode);
    if (fd >= 0 && fd < MOST) atomic_store(&watched[fd], (unsigned char)study);
    return fd;
}
int close(int fd) {
  if (fd >= 0 && fd < MOST) atomic_store(&watched[fd], 0);
  return ((int (*)(int))real("close"))(fd);
}

#define MOVER(name, type, constant, ...)                                                       \
  ssize_t name(int fd, constant void *data, size_t bytes __VA_ARGS__) {                        \
    static _Atomic(void *) found;                                                              \
    void *f = atomic_load(&found);                                                             \
    if (!f) atomic_store(&found, f = real(#name));                                             \
    int what = is_watched(fd) ? verdict((type) | MOVES) : SOUND;                                         \
    if (what == FAIL) return -1;                                                               \
    if (what == HALF && bytes > 1) bytes /= 2;
#define FUNCTION(...) ((ssize_t (*)(int, __VA_ARGS__))f)
MOVER(write, 1, const) return FUNCTION(const void *, size_t)(fd, data, bytes); }
MOVER(read, 0, ) return FUNCTION(void *, size_t)(fd, data, bytes); }
MOVER(pwrite, 1, const, , off_t offset) return FUNCTION(const void *, size_t, off_t)(fd, data, bytes, offset); }
MOVER(pwrite64, 1, const, , off64_t offset) return FUNCTION(const void *, size_t, off64_t)(fd, data, bytes, offset); }
MOVER(pread, 0, , , off_t offset) return FUNCTION(void *, size_t, off_t)(fd, data, bytes, offset); }
MOVER(pread64, 0, , , off64_t offset) return FUNCTION(void *, size_t, off64_t)(fd, data, bytes, offset); }

#define SIMPLE(name, condition, writes, call, ...)             \
  int name(__VA_ARGS__) {                                      \
    if ((condition) && verdict(writes) == FAIL) return -1;     \
    return call;                                               \
  }
SIMPLE(fsync, is_watched(fd), 1, ((int (*)(int))real("fsync"))(fd), int fd)
SIMPLE(fdatasync, is_watched(fd), 1, ((int (*)(int))real("fdatasync"))(fd), int fd)
SIMPLE(ftruncate, is_watched(fd), 1, ((int (*)(int, off_t))real("ftruncate"))(fd, size), int fd, off_t size)
SIMPLE(ftruncate64, is_watched(fd), 1, ((int (*)(int, off64_t))real("ftruncate64"))(fd, size), int fd, off64_t size)
SIMPLE(unlink, is_study(path), 1, ((int (*)(const char *))real("unlink"))(path), const char *path)
SIMPLE(link, is_study(to), 1, ((int (*)(const char *, const char *))real("link"))(from, to), const char *from, const char *to)
SIMPLE(access, is_study(path), 0, ((int (*)(const char *, int))real("access"))(path, how), const char *path, int how)
SIMPLE(fallocate, is_watched(fd), 1, ((int (*)(int, int, off_t, off_t))real("fallocate"))(fd, mode, from, size), int fd,
       int mode, off_t from, off_t size)
SIMPLE(posix_fallocate, is_watched(fd), 1, ((int (*)(int, off_t, off_t))real("posix_fallocate"))(fd, from, size), int fd,
       off_t from, off_t size)
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  static _Atomic(void *) found;
  void *f = atomic_load(&found);
  if (!f) atomic_store(&found, f = real("mmap"));
  if (is_watched(fd) && verdict(0) == FAIL) return MAP_FAILED;
  return ((void *(*)(void *, size_t, int, int, int, off_t))f)(address, size, protection, flags, fd, offset);
}
int fcntl64(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;
  if (locks && is_watched(fd) && verdict(0) == FAIL) return -1;
  return ((int (*)(int, int, void *))real("fcntl64"))(fd, command, argument);
}
