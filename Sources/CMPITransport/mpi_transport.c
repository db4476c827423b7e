/* mpi_transport.h over MPI 3 (Open MPI, MPICH, ...).  Built by `make mpi`; dmo opens it when asked to. */
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "mpi_transport.h"

enum { TAG = 7 };

/* A message on its way, with the copy that MPI reads from. */
typedef struct parcel {
  struct parcel *next;
  MPI_Request request;
  unsigned char bytes[];
} parcel;

static parcel *outgoing;
static MPI_Comm world = MPI_COMM_NULL, group = MPI_COMM_NULL;
static MPI_Message probed = MPI_MESSAGE_NULL;
static int is_started;
static unsigned char *gathered;
static size_t gathered_capacity;
static char reason[MPI_MAX_ERROR_STRING + 32];

static int failed(int code) {
  int length = 0;
  if (code == MPI_SUCCESS) return 0;
  if (MPI_Error_string(code, reason, &length) != MPI_SUCCESS) snprintf(reason, sizeof reason, "MPI error %d", code);
  return -1;
}

static int refused(const char *text) {
  snprintf(reason, sizeof reason, "%s", text);
  return -1;
}

static int start(int *rank, int *size, char *library, size_t capacity) {
  int provided = 0, length = 0;
  char name[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  if (is_started) return refused("MPI was started before");
  if (failed(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided))) return -1;
  is_started = 1;
  if (provided < MPI_THREAD_SERIALIZED) return refused("this MPI cannot be called from one thread after another");
  /* A communicator of dmo's own: a plugin may use MPI_COMM_WORLD as it likes. */
  if (failed(MPI_Comm_dup(MPI_COMM_WORLD, &world))) return -1;
  MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN);
  if (failed(MPI_Comm_rank(world, rank)) || failed(MPI_Comm_size(world, size))) return -1;
  MPI_Get_library_version(name, &length);
  size_t line = strcspn(name, ",\n");
  snprintf(library, capacity, "%.*s", (int)line, name);
  return 0;
}

/* Frees what has left. */
static int sweep(void) {
  for (parcel **link = &outgoing; *link;) {
    parcel *p = *link;
    int done = 0;
    if (failed(MPI_Test(&p->request, &done, MPI_STATUS_IGNORE))) return -1;
    if (done) *link = p->next, free(p);
    else link = &p->next;
  }
  return 0;
}

static int post(int to, const void *bytes, size_t count) {
  if (count > INT_MAX) return refused("a message of more than 2 GiB");
  parcel *p = malloc(sizeof *p + count);
  if (!p) return refused("out of memory for a message");
  memcpy(p->bytes, bytes, count);
  if (failed(MPI_Isend(p->bytes, (int)count, MPI_BYTE, to, TAG, world, &p->request))) {
    free(p);
    return -1;
  }
  p->next = outgoing, outgoing = p;
  return sweep();
}

static int64_t probe(int *from) {
  int found = 0, count = 0;
  MPI_Status status;
  if (outgoing && sweep()) return DMO_MPI_ERROR;
  if (failed(MPI_Improbe(MPI_ANY_SOURCE, TAG, world, &found, &probed, &status))) return DMO_MPI_ERROR;
  if (!found) return DMO_MPI_NOTHING;
  if (failed(MPI_Get_count(&status, MPI_BYTE, &count))) return DMO_MPI_ERROR;
  *from = status.MPI_SOURCE;
  return count;
}

static int take(void *bytes, size_t count) {
  return failed(MPI_Mrecv(bytes, (int)count, MPI_BYTE, &probed, MPI_STATUS_IGNORE));
}

static int join(int number) {
  if (failed(MPI_Comm_split(world, number < 0 ? MPI_UNDEFINED : number, 0, &group))) return -1;
  if (group != MPI_COMM_NULL) MPI_Comm_set_errhandler(group, MPI_ERRORS_RETURN);
  return 0;
}

static int group_rank(void) {
  int rank = 0;
  return group == MPI_COMM_NULL || MPI_Comm_rank(group, &rank) != MPI_SUCCESS ? -1 : rank;
}

static int group_size(void) {
  int size = 0;
  return group == MPI_COMM_NULL || MPI_Comm_size(group, &size) != MPI_SUCCESS ? 0 : size;
}

static const void *group_communicator(void) { return group == MPI_COMM_NULL ? NULL : &group; }

/* Most MPIs wait by asking again and again, which would take a processor from a simulator for as long as nothing comes.
 * So: ask, and look away for longer and longer, half a millisecond at most. */
static int patiently(MPI_Request *request) {
  long pause = 1000;
  for (int done = 0;;) {
    if (failed(MPI_Test(request, &done, MPI_STATUS_IGNORE))) return -1;
    if (done) return 0;
    nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    if (pause < 500000) pause *= 2;
  }
}

static int share(void *bytes, size_t count) {
  MPI_Request request;
  if (count > INT_MAX) return refused("a message of more than 2 GiB");
  if (failed(MPI_Ibcast(bytes, (int)count, MPI_BYTE, 0, group, &request))) return -1;
  return patiently(&request);
}

/* Within an evaluation all ranks are on their way to the same exchange, so the wait is MPI's own, the fastest. */
static const void *all_gather(const void *mine, size_t count, size_t *counts) {
  int size = group_size();
  int *sizes = malloc(2 * (size_t)(size > 0 ? size : 1) * sizeof *sizes), own = (int)count;
  const void *answer = NULL;
  size_t total = 0;
  if (!sizes || size < 1 || count > INT_MAX) {
    refused(count > INT_MAX ? "an exchange of more than 2 GiB" : "no room for an exchange");
    goto end;
  }
  if (failed(MPI_Allgather(&own, 1, MPI_INT, sizes, 1, MPI_INT, group))) goto end;
  for (int k = 0; k < size; k++) sizes[size + k] = (int)total, counts[k] = (size_t)sizes[k], total += (size_t)sizes[k];
  if (total > INT_MAX) {
    refused("an exchange of more than 2 GiB");
    goto end;
  }
  if (total >= gathered_capacity) {
    size_t capacity = 2 * total + 64;
    unsigned char *larger = realloc(gathered, capacity);
    if (!larger) {
      refused("no room for an exchange");
      goto end;
    }
    gathered = larger, gathered_capacity = capacity;
  }
  if (failed(MPI_Allgatherv(mine, own, MPI_BYTE, gathered, sizes, sizes + size, MPI_BYTE, group))) goto end;
  answer = gathered;
end:
  free(sizes);
  return answer;
}

static int finish(void) {
  if (!is_started) return 0;
  for (; outgoing;) {
    parcel *p = outgoing;
    if (failed(MPI_Wait(&p->request, MPI_STATUS_IGNORE))) return -1;
    outgoing = p->next;
    free(p);
  }
  if (group != MPI_COMM_NULL) MPI_Comm_free(&group);
  if (world != MPI_COMM_NULL) MPI_Comm_free(&world);
  free(gathered), gathered = NULL, gathered_capacity = 0;
  is_started = 0;
  return failed(MPI_Finalize());
}

static void end_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

static const char *last_error(void) { return reason; }

const dmo_mpi_transport *dmo_mpi_transport_v1(void) {
  static const dmo_mpi_transport transport = {
    .struct_size = sizeof transport, .version = DMO_MPI_TRANSPORT_VERSION, .start = start, .send = post, .probe = probe,
    .take = take, .join = join, .group_rank = group_rank, .group_size = group_size,
    .group_communicator = group_communicator, .share = share, .all_gather = all_gather, .finish = finish,
    .abort = end_all, .error = last_error,
  };
  return &transport;
}
