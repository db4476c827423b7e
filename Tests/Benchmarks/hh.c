/* Times libhh.so: a line of milliseconds per simulated cell or network, and a line with the spike count (cell)
 * or the mean rate in Hz (network).
 * Usage: hh LIBRARY single|batch|cell|network REPEATS [key=value ...] */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../Plugins/HodgkinHuxley/host.h"

enum { BATCH = 16 };

/* Processor time, steadier than wall time where others use the machine. */
static double now(void) { return 1e3 * (double)clock() / CLOCKS_PER_SEC; }

int main(int count, char **arguments) {
  if (count < 4) return fprintf(stderr, "usage: hh LIBRARY single|batch|cell|network REPEATS [key=value ...]\n"), 2;
  load_plugin(arguments[1]);
  int network = strcmp(arguments[2], "network") == 0, batch = strcmp(arguments[2], "batch") == 0;
  size_t cells = batch ? BATCH : 1;
  int cell = strcmp(arguments[2], "cell") == 0;
  instance it = open_problem(network ? "hh-network" : cell ? "hh-cell" : "hh-trace",
                             (const char *const *)arguments + 4, NULL);
  double *x = malloc(cells * it.x_count * sizeof *x), *y = malloc(cells * it.y_count * sizeof *y);
  dmo_status statuses[BATCH];
  for (size_t i = 0; i < cells; i++) {
    static const double squid[] = {0.12, 0.036, 0.0003, 0.15}, axon[] = {0.12, 0.036, 0.0003, -54.3, 1, 6.3};
    for (size_t j = 0; j < it.x_count; j++) {
      x[i * it.x_count + j] = network ? it.spec->params[j].initial : cell ? axon[j] : squid[j];
    }
    if (!network) x[i * it.x_count] *= 1 + 0.01 * (double)i; /* a batch of different cells */
  }
  for (int repeat = 0; repeat <= atoi(arguments[3]); repeat++) {
    double start = now();
    int good = batch ? evaluate_batch(&it, x, y, statuses, cells) == DMO_OK && statuses[cells - 1] == DMO_OK
                     : evaluate(&it, x, y) == DMO_OK;
    double each = (now() - start) / (double)cells;
    if (!good) return fprintf(stderr, "error: an evaluation failed: %s\n", it.error), 1;
    if (repeat) printf("%.4f ", each); /* the first one warms up */
  }
  double spikes = y[output_at(&it, network ? "rate_e" : cell ? "fi_slope" : "spike_count")];
  printf("\n%.6g\n", spikes);
  free(x), free(y), close_problem(&it);
}
