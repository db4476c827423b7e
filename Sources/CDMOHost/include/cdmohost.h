/* System calls that Swift cannot make by itself; each with the reason. */
#ifndef CDMOHOST_H
#define CDMOHOST_H
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <sys/types.h>

/* A new process in its own group that runs argv: standard input is /dev/null, both outputs are `output`, `control`,
 * `shared` and `life` become descriptors 3, 4 and 5, all others are closed; all signals are unblocked and at their
 * defaults.  Returns 0 or an errno.  (In C: posix_spawn's opaque attribute types differ between C libraries.) */
int dmo_spawn(const char *path, char *const argv[], char *const envp[], int control, int shared, int life, int output,
              pid_t *pid);

/* A descriptor that becomes readable when the process ends, or -1.  (In C: syscall() is variadic.) */
int dmo_pidfd(pid_t pid);

/* A descriptor of `bytes` of memory that processes share, or -1 with errno.  (In C: feature macro of memfd_create.) */
int dmo_shared_memory(size_t bytes);

/* A byte that another process or thread writes at any time.  (In C: C11 atomics on raw memory.) */
uint8_t dmo_load_byte(const uint8_t *p);
void dmo_store_byte(uint8_t *p, uint8_t value);

/* Opens or makes a file that only its owner writes; opens one for reading; -1 with errno.  (In C: open is variadic.) */
int dmo_open_private(const char *path);
int dmo_open_reading(const char *path);

/* A write lock on the whole file that belongs to this open file, or -1 with errno; and whether another has one: 1, 0, or
 * -1.  (In C: fcntl is variadic.) */
int dmo_lock(int fd);
int dmo_is_locked(int fd);

/* Private memory that this process may have, in bytes; processor time that it may use from now on, in seconds, rounded up
 * to whole ones.  0, or -1 with errno.  (In C: the resources are enums in glibc.) */
int dmo_limit_data(size_t bytes);
int dmo_limit_cpu(double seconds);

/* Of a connected IPv4 TCP socket, its peer's port and the bytes received from it so far; -1 for any other descriptor.
 * (In C: glibc's tcp_info ends before the count.) */
int dmo_tcp_received(int fd, uint16_t *port, uint64_t *bytes);

/* How often the system has ended a process since its start because memory ran out, or -1.  (In C: scanf is variadic.) */
long dmo_oom_kills(void);

/* The private memory of a process in bytes, or 0 when it cannot be told.  (In C: likewise.) */
size_t dmo_private_bytes(pid_t pid);

/* As waitpid(), with the largest resident memory that the process had, in bytes.  (In C: rusage holds unions.) */
pid_t dmo_wait(pid_t pid, int *status, size_t *peak);

/* Takes from the calling thread and all that it starts: writing outside the folder `scratch`, TCP, sockets.  Returns which
 * of them this kernel could take.  (In C: Landlock and seccomp have no functions in glibc.) */
enum { DMO_SANDBOX_FILES = 1, DMO_SANDBOX_TCP = 2, DMO_SANDBOX_SOCKETS = 4 };
unsigned dmo_sandbox(const char *scratch);

/* The kind of the file system that a path lies on, as statfs(2) numbers them, or 0.  (In C: statfs is no part of glibc's
 * module.) */
uint32_t dmo_file_system(const char *path);

/* Tells the processor that a loop waits.  (In C: an instruction.) */
void dmo_pause(void);

/* How many processors this process may use.  (In C: cpu_set_t is macros.) */
int dmo_processors(void);

/* Removes a folder and all below it, following no link and entering no other file system's root.  Returns 0 or an
 * errno.  (In C: openat and friends are variadic.) */
int dmo_remove_tree(const char *path);

/* A folder, not through a link; closes on exec.  (In C: open is variadic.) */
int dmo_open_folder(const char *path);

/* 0 when nobody else holds the folder's lock, which lasts until the descriptor is closed.  (In C: flock is also a
 * struct.) */
int dmo_lock_folder(int fd);

/* Both descriptors close on exec.  (In C: fcntl is variadic and the type argument is an enum in glibc.) */
int dmo_socket_pair(int fds[2]);
int dmo_pipe(int fds[2], int nonblocking);

/* What is printed leaves the process at each line's end, and at dmo_flush_output, even when it crashes later.  (In C:
 * stdout is a mutable global.) */
void dmo_line_buffer_output(void);
void dmo_flush_output(void);

/* Send and receive, waiting or not, without SIGPIPE.  (In C: the flags are enums in glibc.) */
ssize_t dmo_send(int socket, const void *data, size_t bytes, int wait);
ssize_t dmo_receive(int socket, void *data, size_t bytes, int wait);

/* Whether the child has ended, without taking its status: 1, 0, or -1 with errno.  (In C: siginfo_t is a union.) */
int dmo_has_ended(pid_t pid);

/* An event counter for poll, closed on exec, or -1 with errno.  (In C: the flags are enums in glibc.) */
int dmo_event(void);

/* As poll(), in seconds, negative without end; at most a day at a time.  (In C: ppoll needs _GNU_SOURCE.) */
int dmo_poll(struct pollfd *fds, size_t count, double seconds);

/* The environment.  (In C: environ is a mutable global.) */
char **dmo_environment(void);

/* What a plugin must leave as it was.  (In C: fenv and MXCSR are macros, sigaction's handler is a union, prctl is
 * variadic, mallinfo2 is glibc's own, the limits are enums.) */
uint32_t dmo_floating_mode(void);                  /* rounding, flush-to-zero, unmasked exceptions; no sticky flags */
enum { DMO_SIGNALS = 65 };
void dmo_signal_handlers(uintptr_t handlers[DMO_SIGNALS]);
size_t dmo_heap_bytes(void);                       /* handed out by malloc and not freed, in bytes */
void dmo_flush_all(void);                          /* what all C streams hold */
int dmo_adopt_orphans(void);                       /* children of children come to this process */
void dmo_limit_memory(uint64_t bytes);

/* Moves descriptors 1 and 2 to a file in memory, and back; the file's bytes stay readable.  Returns -1 on failure. */
typedef struct dmo_capture { int file, out, error; } dmo_capture;
int dmo_capture_start(dmo_capture *);
void dmo_capture_stop(dmo_capture *);

/* No core file, however often a plugin crashes.  (In C: RLIMIT_CORE is an enum in glibc.) */
void dmo_no_core_files(void);
#endif
