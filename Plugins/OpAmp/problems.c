/* problems.c: the tables that a host reads. */
#include "opamp.h"
#include <string.h>

#define WIDTH(ID, NAME) {.id = ID, .name = NAME, .unit = "um", .min = 2, .max = 32}
#define LENGTH(ID, NAME) {.id = ID, .name = NAME, .unit = "um", .min = 0.2, .max = 2}

const dmo_param opamp_params[X_COUNT] = {
  [X_W_BIAS] = WIDTH("w_bias", "Width of bias M5, M8 (M7: ratio times)"),
  [X_L_BIAS] = LENGTH("l_bias", "Length of bias M5, M7, M8"),
  [X_W_PAIR] = WIDTH("w_pair", "Width of input pair M1, M2"),
  [X_L_PAIR] = LENGTH("l_pair", "Length of input pair M1, M2"),
  [X_W_LOAD] = WIDTH("w_load", "Width of mirror load M3, M4"),
  [X_L_LOAD] = LENGTH("l_load", "Length of mirror load M3, M4"),
  [X_W_GAIN] = WIDTH("w_gain", "Width of second stage M6"),
  [X_L_GAIN] = LENGTH("l_gain", "Length of second stage M6"),
  [X_RATIO] = {.id = "ratio", .name = "Second-stage sink M7 over M8", .unit = "1", .kind = DMO_INTEGER, .min = 1,
    .max = 3},
  [X_C_COMP] = {.id = "c_comp", .name = "Compensation capacitor", .unit = "pF", .min = 0.1, .max = 20},
};

static const char *const gain_units[] = {"linear", "db", NULL};

const dmo_option opamp_options[OPT_COUNT] = {
  [OPT_MODELS] = {.kind = DMO_OPT_PATH, .key = "models",
    .help = "flat BSIM card file (.model lines, no .param); default: the built-in generic130 pair"},
  [OPT_IBIAS] = {.kind = DMO_OPT_REAL, .key = "ibias", .help = "reference current into M8", .unit = "uA",
    .default_text = "20", .min = 0.1, .max = 1000},
  [OPT_CLOAD] = {.kind = DMO_OPT_REAL, .key = "cload", .help = "load capacitor", .unit = "pF",
    .default_text = "10", .min = 0.01, .max = 1000},
  [OPT_VDD] = {.kind = DMO_OPT_REAL, .key = "vdd", .help = "supply voltage", .unit = "V",
    .default_text = "1.8", .min = 1, .max = 3.6},
  [OPT_VCM] = {.kind = DMO_OPT_REAL, .key = "vcm", .help = "input common mode and output level, below vdd", .unit = "V",
    .default_text = "0.9", .min = 0, .max = 3.6},
  [OPT_W_GAIN] = {.kind = DMO_OPT_REAL, .key = "w_gain", .help = "fom: weight of gain / 100 (see gain_unit)",
    .unit = "1", .default_text = "1.2", .min = -1e6, .max = 1e6},
  [OPT_W_PM] = {.kind = DMO_OPT_REAL, .key = "w_pm", .help = "fom: weight of pm / 90 deg", .unit = "1",
    .default_text = "1.6", .min = -1e6, .max = 1e6},
  [OPT_W_UGBW] = {.kind = DMO_OPT_REAL, .key = "w_ugbw", .help = "fom: weight of ugbw / 1 GHz", .unit = "1",
    .default_text = "10", .min = -1e6, .max = 1e6},
  [OPT_GAIN_UNIT] = {.kind = DMO_OPT_CHOICE, .key = "gain_unit",
    .help = "how fom reads the gain; the output gain is always linear", .default_text = "linear",
    .choices = gain_units},
};

/* One row an output, the same in both problems but for the roles and bounds. */
#define OUTPUT(ID, NAME, UNIT, SCALE, ROLE, BOUND) \
  {.id = ID, .name = NAME, .unit = UNIT, .role = ROLE, .bound = BOUND, .scale = SCALE}
#define GAIN(ROLE, BOUND) OUTPUT("gain", "DC gain", "1", 1000, ROLE, BOUND)
#define UGBW(ROLE) OUTPUT("ugbw", "Unity-gain bandwidth", "Hz", 1e7, ROLE, 0)
#define PM(ROLE, BOUND) OUTPUT("pm", "Phase margin", "deg", 60, ROLE, BOUND)
#define POWER(ROLE) OUTPUT("power", "Supply power, ibias included", "W", 2e-4, ROLE, 0)
#define VOS OUTPUT("vos", "Systematic offset", "V", 5e-3, DMO_OBSERVE, 0)
#define VOS_ABS(ROLE, BOUND) OUTPUT("vos_abs", "Magnitude of the offset", "V", 5e-3, ROLE, BOUND)
#define SATMARGIN(ROLE) OUTPUT("satmargin", "Least vds - vdsat of M1 .. M8", "V", 0.1, ROLE, 0)
#define SLEW(ROLE, BOUND) OUTPUT("slew", "Slew rate, estimated from the currents", "V/s", 1e6, ROLE, BOUND)
#define AREA OUTPUT("area", "Gate area of M1 .. M8", "um2", 100, DMO_OBSERVE, 0)
#define FOM(ROLE) OUTPUT("fom", "Figure of merit", "1", 10, ROLE, 0)

static const dmo_output fom_outputs[Y_COUNT] = {
  [Y_GAIN] = GAIN(DMO_OBSERVE, 0), [Y_UGBW] = UGBW(DMO_OBSERVE), [Y_PM] = PM(DMO_OBSERVE, 0),
  [Y_POWER] = POWER(DMO_OBSERVE), [Y_VOS] = VOS, [Y_VOS_ABS] = VOS_ABS(DMO_OBSERVE, 0),
  [Y_SATMARGIN] = SATMARGIN(DMO_OBSERVE), [Y_SLEW] = SLEW(DMO_OBSERVE, 0), [Y_AREA] = AREA, [Y_FOM] = FOM(DMO_MAXIMIZE),
};
static const dmo_output spec_outputs[Y_COUNT] = {
  [Y_GAIN] = GAIN(DMO_AT_LEAST, 1000), [Y_UGBW] = UGBW(DMO_MAXIMIZE), [Y_PM] = PM(DMO_AT_LEAST, 60),
  [Y_POWER] = POWER(DMO_MINIMIZE), [Y_VOS] = VOS, [Y_VOS_ABS] = VOS_ABS(DMO_AT_MOST, 5e-3),
  [Y_SATMARGIN] = SATMARGIN(DMO_AT_LEAST), [Y_SLEW] = SLEW(DMO_AT_LEAST, 1e6), [Y_AREA] = AREA,
  [Y_FOM] = FOM(DMO_OBSERVE),
};

#define SPEC(OUTPUTS) { \
  .struct_size = sizeof(dmo_spec), .param_size = sizeof(dmo_param), .output_size = sizeof(dmo_output), \
  .param_count = X_COUNT, .output_count = Y_COUNT, .params = opamp_params, .outputs = OUTPUTS, \
}
static const dmo_spec fom_spec = SPEC(fom_outputs);
static const dmo_spec spec_spec = SPEC(spec_outputs);

static const void *extension(const char *id) {
  if (strcmp(id, DMO_EXT_ARTIFACT) == 0) return &opamp_artifacts;
  if (strcmp(id, DMO_EXT_REFERENCE) == 0) return &opamp_reference;
  return NULL;
}

#define PROBLEM(ID, NAME, SUMMARY, SPEC_TABLE) { \
  .struct_size = sizeof(dmo_problem), .threads = DMO_THREADS_PROCESS, \
  .flags = DMO_ONE_INSTANCE | DMO_HIDDEN_CONSTRAINTS, .option_size = sizeof(dmo_option), .option_count = OPT_COUNT, \
  .id = ID, .name = NAME, .summary = SUMMARY, .options = opamp_options, .spec = &SPEC_TABLE, \
  .evaluate = amplifier_evaluate, .create = amplifier_create, .destroy = amplifier_destroy, .extension = extension, \
}

const dmo_problem opamp_fom_problem = PROBLEM(
  "opamp-fom", "Two-stage op-amp, one figure of merit",
  "Maximise 1.2 gain/100 + 1.6 pm/90 + 10 ugbw/1e9 of a Miller op-amp in ngspice; models: generic130 unless given.",
  fom_spec);
const dmo_problem opamp_spec_problem = PROBLEM(
  "opamp-spec", "Two-stage op-amp to a specification",
  "Least power against most bandwidth of a Miller op-amp in ngspice, under five limits; "
  "models: generic130 unless given.",
  spec_spec);
