/* System calls that Swift cannot make by itself; each with the reason. */
#ifndef CDMOHOST_H
#define CDMOHOST_H
#include <stddef.h>
#include <stdint.h>
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

/* Removes a folder and all below it, following no link and entering no other file system's root.  Returns 0 or an
 * errno.  (In C: openat and friends are variadic.) */
int dmo_remove_tree(const char *path);

/* Both descriptors close on exec.  (In C: fcntl is variadic and the type argument is an enum in glibc.) */
int dmo_socket_pair(int fds[2]);
int dmo_pipe(int fds[2], int nonblocking);
#endif
