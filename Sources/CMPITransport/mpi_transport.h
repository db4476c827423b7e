/* What dmo needs of MPI: messages of bytes between rank 0 and the others, and groups of ranks that evaluate together.
 *
 * dmo itself never links MPI.  mpi_transport.c, compiled with mpicc as libdmo-mpi.so (`make mpi`), offers one function,
 * dmo_mpi_transport_v1(), which dmo looks for when --executor mpi asks for it.
 *
 * Threads: any, one call at a time.  Statuses: 0 is success; all else has a text in error(). */
#ifndef DMO_MPI_TRANSPORT_H
#define DMO_MPI_TRANSPORT_H
#include <stddef.h>
#include <stdint.h>

enum { DMO_MPI_TRANSPORT_VERSION = 1 };
enum { DMO_MPI_NOTHING = -1, DMO_MPI_ERROR = -2 };

typedef struct dmo_mpi_transport {
  uint32_t struct_size, version;
  /* MPI_Init_thread; the rank and size of the world, and the library's name for people. */
  int (*start)(int *rank, int *size, char *library, size_t capacity);
  /* Sends a copy of the bytes and returns at once. */
  int (*send)(int to, const void *bytes, size_t count);
  /* The size of the next message and its sender, or DMO_MPI_NOTHING, or DMO_MPI_ERROR.  Must be followed by take(). */
  int64_t (*probe)(int *from);
  int (*take)(void *bytes, size_t count);
  /* Collective: this rank joins the group of that number (-1: none). */
  int (*join)(int group);
  int (*group_rank)(void);
  int (*group_size)(void);
  /* The group's communicator, as `const MPI_Comm *`; NULL without a group. */
  const void *(*group_communicator)(void);
  /* Collective in the group: the bytes of its rank 0 to all.  Waits without burning a processor. */
  int (*share)(void *bytes, size_t count);
  /* Collective in the group: the bytes of each rank, one rank after the other; counts[group_size] are filled.
   * The answer lives until the next call; NULL on failure. */
  const void *(*all_gather)(const void *mine, size_t count, size_t *counts);
  /* Waits until everything sent has left, then MPI_Finalize. */
  int (*finish)(void);
  /* MPI_Abort: ends every rank. */
  void (*abort)(int status);
  /* The reason of the last failure. */
  const char *(*error)(void);
} dmo_mpi_transport;

const dmo_mpi_transport *dmo_mpi_transport_v1(void);
typedef const dmo_mpi_transport *(*dmo_mpi_transport_v1_fn)(void);
#endif
