#include <math.h>
#include <stdlib.h>
#include "network.h"

const dmo_option network_options[NET_OPTIONS] = {
  {.kind = DMO_OPT_CHOICE, .key = "integrator", .help = "multistep: third order; staggered-euler: as NEURON's default",
   .default_text = "multistep", .choices = hh_integrator_names},
  {.kind = DMO_OPT_REAL, .key = "dt", .help = "time step; unset: 0.025 or the system's", .unit = "ms", .min = 1e-3,
   .max = 0.1},
  {.kind = DMO_OPT_REAL, .key = "duration", .help = "simulated time; unset: 500 or the system's", .unit = "ms",
   .min = 10,
   .max = 100000},
  {.kind = DMO_OPT_REAL, .key = "transient", .help = "time before the measures begin", .unit = "ms",
   .default_text = "50",
   .min = 0, .max = 10000},
  {.kind = DMO_OPT_INT, .key = "n", .help = "cells", .default_text = "100", .min = 2, .max = 100000},
  {.kind = DMO_OPT_REAL, .key = "share_e", .help = "share of excitatory cells", .default_text = "0.8", .min = 0,
   .max = 1},
  {.kind = DMO_OPT_REAL, .key = "p_e", .help = "probability of a synapse from an excitatory cell",
   .default_text = "0.1",
   .min = 0, .max = 1},
  {.kind = DMO_OPT_REAL, .key = "p_i", .help = "probability of a synapse from an inhibitory cell",
   .default_text = "0.1",
   .min = 0, .max = 1},
  {.kind = DMO_OPT_INT, .key = "seed", .help = "of wiring, starts and the spread of drives", .default_text = "1",
   .min = 0,
   .max = 9007199254740992},
  {.kind = DMO_OPT_REAL, .key = "delay", .help = "from spike to synapse, rounded to the step", .unit = "ms",
   .default_text = "1", .min = 0.01, .max = 100},
  {.kind = DMO_OPT_REAL, .key = "tau_e", .help = "decay of excitation", .unit = "ms", .default_text = "2", .min = 0.1,
   .max = 100},
  {.kind = DMO_OPT_REAL, .key = "tau_i", .help = "decay of inhibition", .unit = "ms", .default_text = "8", .min = 0.1,
   .max = 100},
  {.kind = DMO_OPT_REAL, .key = "reversal_e", .help = "of excitation", .unit = "mV", .default_text = "0", .min = -90,
   .max = 60},
  {.kind = DMO_OPT_REAL, .key = "reversal_i", .help = "of inhibition", .unit = "mV", .default_text = "-80",
   .min = -90, .max = 60},
  {.kind = DMO_OPT_REAL, .key = "spread", .help = "of the drives: 1 +- this much", .default_text = "0.3", .min = 0,
   .max = 1},
  {.kind = DMO_OPT_REAL, .key = "target_rate_e", .help = "wanted rate of excitatory cells", .unit = "Hz",
   .default_text = "30",
   .min = 0, .max = 1000},
  {.kind = DMO_OPT_REAL, .key = "target_rate_i", .help = "wanted rate of inhibitory cells", .unit = "Hz",
   .default_text = "50",
   .min = 0, .max = 1000},
  {.kind = DMO_OPT_REAL, .key = "target_cv", .help = "wanted variation of the intervals", .default_text = "0.5",
   .min = 0,
   .max = 10},
  {.kind = DMO_OPT_INT, .key = "spikes",
   .help = "how many of the first spikes to observe; unset: 0, or 1000 with a system",
   .min = 0, .max = 2000000},
  {.kind = DMO_OPT_PATH, .key = "system",
   .help = "JSON with amps_nA, connections, weight_uS, delay_ms, tau_ms, e_mV, meta; in place of a random network"},
};

static void describe_parameters(network *net) {
  static const char *const ids[] = {"w_ee", "w_ei", "w_ie", "w_ii", "drive_e", "drive_i"};
  static const char *const names[] = {"excitation of excitatory cells", "excitation of inhibitory cells",
                                      "inhibition of excitatory cells", "inhibition of inhibitory cells",
                                      "current into excitatory cells", "current into inhibitory cells"};
  static const double start[] = {0.005, 0.01, 0.02, 0.01, 0.08, 0.06};
  if (net->from_file) {
    net->parameters[0] = (dmo_param){.id = "weight", .name = "conductance of a synapse", .unit = "uS", .scale = DMO_LOG,
                                     .min = 0.1 * net->file_weight, .max = 10 * net->file_weight, .has_initial = 1,
                                     .initial = net->file_weight};
    net->parameters[1] = (dmo_param){.id = "drive", .name = "factor of all currents", .unit = "1", .min = 0, .max = 3,
                                     .has_initial = 1, .initial = 1};
    net->baseline[0] = net->file_weight, net->baseline[1] = 1;
    return;
  }
  for (int i = 0; i < NET_PARAMETERS; i++) {
    int current = i >= 4;
    net->parameters[i] = (dmo_param){.id = ids[i], .name = names[i], .unit = current ? "nA" : "uS",
                                     .scale = current ? DMO_LINEAR : DMO_LOG, .min = current ? 0 : 5e-4,
                                     .max = current ? 0.3 : 0.2, .has_initial = 1, .initial = start[i]};
    net->baseline[i] = start[i];
  }
}

static void describe_outputs(network *net) {
  static const dmo_output fixed[NET_SPIKES] = {
    {.id = "rate_e", .name = "mean rate of excitatory cells", .unit = "Hz", .role = DMO_OBSERVE},
    {.id = "rate_i", .name = "mean rate of inhibitory cells; 0 without any", .unit = "Hz", .role = DMO_OBSERVE},
    {.id = "cv", .name = "mean variation of intervals; 0 when no cell has three", .unit = "1", .role = DMO_OBSERVE},
    {.id = "synchrony", .name = "swing of the mean potential over that of the cells", .unit = "1", .role = DMO_OBSERVE},
    {.id = "active", .name = "share of cells that fire", .unit = "1", .role = DMO_OBSERVE},
    {.id = "fastest", .name = "rate of the fastest cell", .unit = "Hz", .role = DMO_OBSERVE},
    {.id = "early", .name = "mean rate in the first half", .unit = "Hz", .role = DMO_OBSERVE},
    {.id = "late", .name = "mean rate in the second half", .unit = "Hz", .role = DMO_OBSERVE},
    {.id = "off_rate_e", .name = "excitatory rate off target", .unit = "Hz", .scale = 10},
    {.id = "off_rate_i", .name = "inhibitory rate off target", .unit = "Hz", .scale = 10},
    {.id = "off_cv", .name = "variation off target", .unit = "1", .scale = 0.2},
    {.id = "coherence", .name = "synchrony", .unit = "1", .scale = 0.2},
    {.id = "active_cells", .name = "share of cells that fire", .unit = "1", .role = DMO_AT_LEAST, .bound = 0.5,
     .scale = 0.2},
    {.id = "top_rate", .name = "rate of the fastest cell", .unit = "Hz", .role = DMO_AT_MOST, .bound = 80, .scale = 20},
    {.id = "persistence", .name = "late over early rate", .unit = "1", .role = DMO_AT_LEAST, .bound = 0.5,
     .scale = 0.5},
  };
  for (int i = 0; i < NET_SPIKES; i++) net->outputs[i] = fixed[i];
  net->outputs[NET_SPIKES] = (dmo_output){.id = "spike", .name = "times of the first spikes", .unit = "ms",
                                          .role = DMO_OBSERVE, .count = (uint32_t)net->spikes, .flags = DMO_MAY_BE_NAN};
  net->outputs[NET_SPIKES + 1] = (dmo_output){.id = "spike_cell", .name = "their cells, from 0", .unit = "1",
                                              .role = DMO_OBSERVE, .count = (uint32_t)net->spikes,
                                              .flags = DMO_MAY_BE_NAN};
  net->x_count = net->from_file ? 2 : NET_PARAMETERS;
  net->y_count = NET_SPIKES + 2 * net->spikes;
  net->spec = (dmo_spec){.struct_size = sizeof net->spec, .param_size = sizeof net->parameters[0],
                         .output_size = sizeof net->outputs[0], .param_count = (uint32_t)net->x_count,
                         .output_count = net->spikes ? NET_OUTPUTS : NET_SPIKES, .params = net->parameters,
                         .outputs = net->outputs};
  net->point = (dmo_reference_point){.struct_size = sizeof net->point, .kind = DMO_REF_BASELINE, .x = net->baseline,
                                     .note = net->from_file ? "the weight and currents of the file" : "lively"};
  net->point_list[0] = &net->point;
}

static const double most_synapses = 2e8; /* 800 MB */

static double real(const char *text) { return text ? strtod(text, NULL) : 0; }

static network *read_options(const char *const *texts) {
  network *net = calloc(1, sizeof *net);
  if (!net) return NULL;
  net->integrator = hh_integrator_named(texts[0]);
  net->dt = real(texts[1]), net->duration = real(texts[2]), net->transient = real(texts[3]);
  net->physics = (network_physics){.g_na = hh_g_na, .g_k = hh_g_k, .g_l = hh_g_l, .e_l = hh_e_l, .e_na = hh_e_na,
                                   .e_k = hh_e_k, .c_m = hh_c_m, .celsius = hh_celsius, .area = hh_area, .onset = 5,
                                   .tau = {real(texts[10]), real(texts[11])},
                                   .reversal = {real(texts[12]), real(texts[13])}, .delay = real(texts[9])};
  net->target_rate[0] = real(texts[15]), net->target_rate[1] = real(texts[16]), net->target_cv = real(texts[17]);
  net->from_file = texts[19] && *texts[19];
  net->spikes = texts[18] ? strtoul(texts[18], NULL, 10) : net->from_file ? 1000 : 0;
  net->kernels = hh_kernels_here().many;
  return net;
}

/* Fills in what is unset; 0 and a reason when the times do not fit together. */
static int settle_times(network *net, dmo_text error) {
  if (net->dt == 0) net->dt = 0.025;
  if (net->duration == 0) net->duration = 500;
  net->steps = hh_multiple(net->duration, net->dt);
  net->delay_steps = (size_t)lround(net->physics.delay / net->dt);
  if (!net->steps) hh_say(error, "duration %g ms is not a multiple of dt %g ms; choose one that is", net->duration,
                          net->dt);
  else if (!net->delay_steps) hh_say(error, "delay %g ms is shorter than a step; lower dt %g ms", net->physics.delay,
                                     net->dt);
  else if (net->transient >= net->duration) {
    hh_say(error, "transient %g ms leaves nothing of duration %g ms; lower it", net->transient, net->duration);
  } else return 1;
  return 0;
}

dmo_status network_create(const dmo_host *host, const char *const *texts, dmo_instance *out, dmo_text *error) {
  network *net = read_options(texts);
  if (!net) return DMO_FAILED;
  net->mpi = host->extension ? host->extension(host, DMO_EXT_MPI) : NULL;
  const double probability[2] = {real(texts[6]), real(texts[7])};
  int ok;
  if (net->from_file) {
    ok = network_read(net, texts[19], *error);
  } else {
    size_t cells = strtoul(texts[4], NULL, 10);
    double share = real(texts[5]), synapses = (share * probability[0] + (1 - share) * probability[1]) * (double)cells *
                                              (double)cells;
    ok = synapses <= most_synapses &&
         wiring_random(&net->wiring, cells, share, probability, real(texts[14]), strtoull(texts[8], NULL, 10));
    if (!ok) hh_say(*error, "no room for %.0f million synapses of %zu cells; lower n, p_e or p_i", 1e-6 * synapses,
                    cells);
    net->degree[0] = fmax(1, probability[0] * (double)net->wiring.excitatory);
    net->degree[1] = fmax(1, probability[1] * (double)(cells - net->wiring.excitatory));
  }
  if (!ok || !settle_times(net, *error)) {
    network_destroy(net);
    return DMO_BAD_INPUT;
  }
  describe_parameters(net);
  describe_outputs(net);
  *out = net;
  return DMO_OK;
}

void network_destroy(dmo_instance self) {
  network *net = self;
  if (net) wiring_free(&net->wiring);
  free(net);
}
