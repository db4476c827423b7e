/* dmo.mpi/1: one evaluation shared by several MPI ranks.  A draft: it may still change (docs/abi-policy.md).
 *
 * `mpirun -n N dmo run --executor mpi --ranks-per-evaluation K` forms groups of K ranks.  The ranks of a group call
 * create(), evaluate() and destroy() of one instance each, all together, in the same order and with the same arguments
 * (eval_id and seed included); the y and the status of the group's rank 0 count.  There dmo calls the plugin inside the
 * rank, without a worker process, so that a crash ends the job; `dmo resume` goes on.
 *
 * A plugin may talk through its own MPI over `communicator`, or, without being linked to any MPI, through all_gather().
 */
#ifndef DMO_DRAFT_MPI_H
#define DMO_DRAFT_MPI_H
#include <dmo/dmo.h>
#ifdef __cplusplus
extern "C" {
#endif

#define DMO_EXT_MPI "dmo.mpi/1"

/* The plugin's: dmo_problem.extension(DMO_EXT_MPI).  The problem may be evaluated by several ranks together. */
typedef struct dmo_mpi_problem {
  uint32_t struct_size;
  uint32_t most_ranks;        /* more are of no use; 0: any number                                                 */
} dmo_mpi_problem;

/* The host's: dmo_host.extension(host, DMO_EXT_MPI), in create(); lives as long as the process.  NULL where one process
 * evaluates alone, as everywhere without --ranks-per-evaluation. */
typedef struct dmo_mpi {
  uint32_t struct_size;
  int32_t rank, size;         /* of the group                                                                      */
  uint32_t reserved;
  /* const MPI_Comm *, the group's, of the MPI that runs dmo; NULL where there is none (a check with one rank). */
  const void *communicator;
  /* Collective, in evaluate() and create(): the bytes of each rank, one rank after the other; counts[size] is filled
   * with their numbers.  The host's memory, valid until the next call; NULL on failure, on all ranks alike. */
  const void *(*all_gather)(const struct dmo_mpi *, const void *mine, size_t bytes, size_t *counts);
} dmo_mpi;

#ifdef __cplusplus
}
#endif
#endif
