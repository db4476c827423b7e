/* Starting a program: two of the steps are extensions of glibc that Swift does not see. */
#ifndef BRIDGE_SPAWN_H
#define BRIDGE_SPAWN_H
#include <sys/types.h>

/* Starts `program` (a path, or a name looked for in PATH) in the caller's process group, with no input, default signals and
 * no descriptors but standard output, standard error and, if `channel` >= 0, that one as number 3.
 * folder: where it runs; NULL: where the caller runs. Returns 0, or the cause as an errno value. [any thread] */
int bridge_spawn(const char *program, char *const *arguments, char *const *environment, const char *folder, int channel,
                 pid_t *child);

#endif
