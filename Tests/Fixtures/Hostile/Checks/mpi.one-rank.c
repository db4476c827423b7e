/* expect: fail. In a group of ranks it answers otherwise. */
#define HELPERS static const dmo_mpi_problem together = {.struct_size = sizeof together};
#define EXTENSION if (!strcmp(id, DMO_EXT_MPI)) return &together
#define CREATE if (host->extension(host, DMO_EXT_MPI)) self->memory = 1e-9
#define EVALUATE y[0] += self->memory
#include <dmo/draft/mpi.h>
#include "hostile.h"
