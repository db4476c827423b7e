#define _GNU_SOURCE
#include "bridge_spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int bridge_spawn(const char *program, char *const *arguments, char *const *environment, const char *folder, int channel,
                 pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int cause = posix_spawn_file_actions_init(&actions);
  if (cause) return cause;
  cause = posix_spawnattr_init(&attributes);
  if (cause) {
    posix_spawn_file_actions_destroy(&actions);
    return cause;
  }
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  cause = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!cause && folder) cause = posix_spawn_file_actions_addchdir_np(&actions, folder);
  if (!cause && channel >= 0) cause = posix_spawn_file_actions_adddup2(&actions, channel, 3);
  if (!cause) cause = posix_spawn_file_actions_addclosefrom_np(&actions, channel >= 0 ? 4 : 3);
  if (!cause) cause = posix_spawnattr_setsigmask(&attributes, &none);
  if (!cause) cause = posix_spawnattr_setsigdefault(&attributes, &all);
  if (!cause) cause = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (!cause) cause = posix_spawnp(child, program, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return cause;
}
