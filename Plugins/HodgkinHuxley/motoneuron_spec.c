#include "motoneuron.h"

/* A tenth to ten times the published value, a quarter to four times for the capacitance. */
#define WIDE(text, label, value, what) \
  {.id = text, .name = label, .unit = what, .scale = DMO_LOG, .min = (value) / 10, .max = (value) * 10}
static const dmo_param parameters[MN_PARAMETERS] = {
  WIDE("g_na", "sodium, soma", 120.0, "mS/cm2"),
  WIDE("g_kdr", "delayed rectifier, soma", 100.0, "mS/cm2"),
  WIDE("g_can_s", "N-type calcium, soma", 14.0, "mS/cm2"),
  WIDE("g_kca_s", "calcium-dependent potassium, soma", 5.0, "mS/cm2"),
  WIDE("g_can_d", "N-type calcium, dendrite", 0.03, "mS/cm2"),
  WIDE("g_cal", "L-type calcium, dendrite", 0.33, "mS/cm2"),
  WIDE("g_kca_d", "calcium-dependent potassium, dendrite", 1.1, "mS/cm2"),
  WIDE("g_l", "leak, both", 0.51, "mS/cm2"),
  WIDE("g_c", "coupling", 0.1, "mS/cm2"),
  {.id = "c_m", .name = "capacitance, both", .unit = "uF/cm2", .scale = DMO_LOG, .min = 0.25, .max = 4},
  WIDE("f_ca", "free share of calcium, both", 0.01, "1"),
};

/* The published cell under 5-HT, which lowers both calcium-dependent potassium conductances (5 and 1.1 mS/cm2 in
 * control) and so lets the plateau appear. */
const double mn_published[MN_PARAMETERS] = {120, 100, 14, 3.136, 0.03, 0.33, 0.69, 0.51, 0.1, 1, 0.01};

#define OBSERVED(text, label, what) {.id = text, .name = label, .unit = what, .role = DMO_OBSERVE}
#define AT_MOST(text, label, what, limit) \
  {.id = text, .name = label, .unit = what, .role = DMO_AT_MOST, .bound = limit, .scale = limit}
static const dmo_output outputs[MN_OUTPUTS] = {
  OBSERVED("v_rest", "resting potential, soma", "mV"),
  OBSERVED("r_in", "input resistance", "kOhm*cm2"),
  OBSERVED("tau", "time to 63 % of a small step", "ms"),
  OBSERVED("height", "first spike above rest", "mV"),
  OBSERVED("width", "first spike's width at half height", "ms"),
  OBSERVED("ahp", "lowest potential after it, from rest", "mV"),
  OBSERVED("adaptation", "last interval over first at the strongest step", "1"),
  OBSERVED("jump", "largest gain of rate that outlasts a pulse", "Hz"),
  OBSERVED("spike_charge", "inward charge of the soma per spike", "nC/cm2"),
  {.id = "rate", .name = "rate at 5, 10, ... 35 uA/cm2", .unit = "Hz", .role = DMO_OBSERVE, .count = MN_RATES},
  {.id = "error_passive", .name = "rest, resistance and time constant off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_fi", .name = "rates off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_shape", .name = "height, width and afterpotential off target, tolerances", .unit = "1", .scale = 1},
  {.id = "error_plateau", .name = "jump and adaptation off target, tolerances", .unit = "1", .scale = 1},
  {.id = "charge", .name = "inward charge of the soma per spike", .unit = "nC/cm2", .scale = 100},
  AT_MOST("rest_off", "resting potential off target", "mV", 3),
  AT_MOST("resistance_off", "relative to target", "1", 0.2),
  AT_MOST("tau_off", "relative to target", "1", 0.2),
  AT_MOST("fi_off", "largest relative distance of a rate", "1", 0.05),
  AT_MOST("height_off", "relative to target", "1", 0.1),
  AT_MOST("shape_off", "larger relative distance of width and afterpotential", "1", 0.05),
  AT_MOST("adaptation_off", "relative to target", "1", 0.1),
  AT_MOST("jump_off", "relative to target", "1", 0.1),
  {.id = "rate_step", .name = "smallest rise of the rate from step to step", .unit = "Hz", .role = DMO_AT_LEAST,
   .bound = 1, .scale = 5},
};

const dmo_spec mn_spec = {
  .struct_size = sizeof mn_spec, .param_size = sizeof parameters[0], .output_size = sizeof outputs[0],
  .param_count = MN_PARAMETERS, .output_count = MN_OUTPUTS, .params = parameters, .outputs = outputs,
};
