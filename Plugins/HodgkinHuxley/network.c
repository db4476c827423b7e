#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "network.h"

static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *result) {
  const network *net = self;
  if (call->x_count != net->x_count || result->y_count != net->y_count) return DMO_BAD_INPUT;
  activity a;
  dmo_status status = network_simulate(net, call, &a);
  if (status == DMO_OK) status = network_measure(net, &a, result->y);
  if (status == DMO_OK) network_judge(net, result->y);
  if (status == DMO_FAILED) hh_say(result->message, "out of memory for %zu cells", net->wiring.cells);
  activity_free(&a);
  return status;
}

static const dmo_spec *describe(dmo_instance self) { return &((network *)self)->spec; }

static dmo_status compose(dmo_instance self, size_t n, const double *x, size_t x_count, double *y, size_t y_count) {
  (void)x, (void)x_count;
  for (size_t i = 0; i < n; i++) network_judge(self, y + i * y_count);
  return DMO_OK;
}
static const dmo_composite composite = {.struct_size = sizeof composite, .compose = compose};

static size_t reference_points(dmo_instance self, const dmo_reference_point *const **points) {
  *points = ((network *)self)->point_list;
  return 1;
}
static const dmo_reference reference = {.struct_size = sizeof reference, .points = reference_points};

static dmo_status draw(dmo_instance self, const dmo_call *call, void (*emit)(void *, const dmo_artifact *), void *sink,
                       dmo_text *error) {
  const network *net = self;
  activity a;
  dmo_status status = network_simulate(net, call, &a);
  size_t spikes = a.spikes.count;
  double *x = status == DMO_OK ? malloc((2 * spikes + 2 * a.samples + 1) * sizeof *x) : NULL;
  if (!x) {
    activity_free(&a);
    if (status != DMO_CANCELLED) hh_say(*error, "out of memory for %zu cells", net->wiring.cells);
    return status == DMO_CANCELLED ? status : DMO_FAILED;
  }
  double *cell = x + spikes, *time = cell + spikes, *mean = time + a.samples;
  size_t shown = 0; /* samples from the transient's end on */
  for (size_t i = 0; i < spikes; i++) x[i] = a.spikes.at[i].time, cell[i] = a.spikes.at[i].cell;
  for (size_t i = a.first_sample; i < a.samples; i++, shown++) {
    time[shown] = (double)((i + 1) * a.sample_every) * net->dt;
    mean[shown] = a.population[i] / (double)net->wiring.cells;
  }
  dmo_artifact picture = {.struct_size = sizeof picture, .kind = DMO_ARTIFACT_POINTS, .id = "raster", .title = "Spikes",
                          .x_label = "time", .x_unit = "ms", .y_label = "cell", .y_unit = "1", .panel = "raster",
                          .rows = 1, .columns = (uint32_t)spikes, .x = x, .y = cell};
  if (spikes) emit(sink, &picture);
  picture.kind = DMO_ARTIFACT_SERIES, picture.id = "mean_v", picture.title = "Mean potential", picture.panel = "mean";
  picture.y_label = "v", picture.y_unit = "mV", picture.columns = (uint32_t)shown, picture.x = time, picture.y = mean;
  if (shown) emit(sink, &picture);
  free(x), activity_free(&a);
  return DMO_OK;
}
static const dmo_artifacts artifacts = {.struct_size = sizeof artifacts, .draw = draw};

static const dmo_mpi_problem together = {.struct_size = sizeof together};

static const void *extension(const char *id) {
  static const hh_offer offers[] = {{DMO_EXT_COMPOSITE, &composite}, {DMO_EXT_REFERENCE, &reference},
                                    {DMO_EXT_ARTIFACT, &artifacts}, {DMO_EXT_MPI, &together}, {NULL, NULL}};
  return hh_offered(offers, id);
}

const dmo_problem network_problem = {
  .struct_size = sizeof network_problem, .threads = DMO_THREADS_FREE, .option_size = sizeof(dmo_option),
  .option_count = NET_OPTIONS, .id = "hh-network", .name = "A network of excitatory and inhibitory cells",
  .summary = "Finds synaptic and drive strengths for wanted rates, irregular intervals and little synchrony",
  .options = network_options, .evaluate = evaluate, .create = network_create, .describe = describe,
  .destroy = network_destroy, .extension = extension,
};
