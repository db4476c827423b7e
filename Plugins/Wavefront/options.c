/* options.c: the options of beam-splitter, their defaults and what they come to. */
#include "wavefront.h"
#include <math.h>
#include <string.h>

static const char *const methods[] = { "dim", "asm", NULL };
static const char *const losses[] = { "l2", "overlap", NULL };
static const char *const observables[] = { "intensity", "field", NULL };
static const char *const modulations[] = { "phase", "complex", NULL };

enum { GRID, SPACING, WAVELENGTH, WAIST, DISTANCE, METHOD, LOSS, OBSERVE, SEPARATION, MODULATION, TARGET };

const dmo_option wf_options[WF_OPTION_COUNT] = {
  [GRID] = { .kind = DMO_OPT_INT, .key = "grid", .unit = "1", .default_text = "60", .min = 2, .max = 512,
    .help = "points along each side of the mask and of the output plane" },
  [SPACING] = { .kind = DMO_OPT_REAL, .key = "spacing", .unit = "m", .default_text = "10e-6", .min = 1e-9, .max = 1e-2,
    .help = "distance between neighbouring points" },
  [WAVELENGTH] = { .kind = DMO_OPT_REAL, .key = "wavelength", .unit = "m", .default_text = "700e-9", .min = 1e-9,
    .max = 1e-3, .help = "vacuum wavelength" },
  [WAIST] = { .kind = DMO_OPT_REAL, .key = "waist", .unit = "m", .default_text = "70e-6", .min = 1e-9, .max = 1,
    .help = "radius where the amplitude of the input beam, and of each target spot, is 1/e of its peak" },
  [DISTANCE] = { .kind = DMO_OPT_REAL, .key = "distance", .unit = "m", .default_text = "0.02", .min = 1e-9, .max = 1e3,
    .help = "from the mask to the output plane" },
  [METHOD] = { .kind = DMO_OPT_CHOICE, .key = "method", .default_text = "dim", .choices = methods,
    .help = "dim: convolution with the impulse response; asm: angular spectrum, window 5 times as wide" },
  [LOSS] = { .kind = DMO_OPT_CHOICE, .key = "loss", .default_text = "l2", .choices = losses,
    .help = "l2: distance of the normalised intensity or field to the target's; overlap: 1 - |<out, target>|^2" },
  /* No default text: unset means "what the loss needs", which an explicit `intensity` must not. */
  [OBSERVE] = { .kind = DMO_OPT_CHOICE, .key = "observe", .choices = observables,
    .help = "what is seen of the output plane; unset: intensity with loss=l2, field with loss=overlap" },
  [SEPARATION] = { .kind = DMO_OPT_REAL, .key = "separation", .unit = "m", .default_text = "280e-6", .min = 0, .max = 1,
    .help = "between the centres of the two target spots, along a row" },
  [MODULATION] = { .kind = DMO_OPT_CHOICE, .key = "modulation", .default_text = "phase", .choices = modulations,
    .help = "phase: the mask shifts the phase; complex: it also dims, by a second block `amplitude`" },
  [TARGET] = { .kind = DMO_OPT_PATH, .key = "target",
    .help = "JSON file whose key target_field replaces the two Gaussians" },
};
_Static_assert(sizeof wf_options / sizeof wf_options[0] == WF_OPTION_COUNT, "WF_OPTION_COUNT is out of date");

static const char *text_of(const char *const *texts, int option) {
  return texts && texts[option] ? texts[option] : wf_options[option].default_text;
}

static dmo_status read_real(const char *const *texts, int option, double *value, const dmo_text *error) {
  const dmo_option *about = &wf_options[option];
  const char *text = text_of(texts, option);
  if (!wf_number(text, value) || !(*value >= about->min && *value <= about->max)) {
    wf_say(error, "option %s: '%s' is not a number in %g .. %g", about->key, text, about->min, about->max);
    return DMO_BAD_INPUT;
  }
  return DMO_OK;
}

static dmo_status read_choice(const char *const *texts, int option, int *value, const dmo_text *error) {
  const dmo_option *about = &wf_options[option];
  const char *text = text_of(texts, option);
  for (int i = 0; about->choices[i]; i++)
    if (strcmp(text, about->choices[i]) == 0) return *value = i, DMO_OK;
  wf_say(error, "option %s: '%s' is not %s or %s", about->key, text, about->choices[0], about->choices[1]);
  return DMO_BAD_INPUT;
}

dmo_status wf_read_setup(const char *const *texts, wf_setup *setup, const dmo_text *error) {
  double grid = 0;
  struct { int option; double *value; } reals[] = {
    { GRID, &grid }, { SPACING, &setup->spacing }, { WAVELENGTH, &setup->wavelength }, { WAIST, &setup->waist },
    { DISTANCE, &setup->distance }, { SEPARATION, &setup->separation },
  };
  for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
    dmo_status status = read_real(texts, reals[i].option, reals[i].value, error);
    if (status != DMO_OK) return status;
  }
  if (grid != floor(grid)) {
    wf_say(error, "option grid: %g is not a whole number", grid);
    return DMO_BAD_INPUT;
  }
  int method = 0, loss = 0, modulation = 0, observe = 0;
  dmo_status status = read_choice(texts, METHOD, &method, error);
  if (status == DMO_OK) status = read_choice(texts, LOSS, &loss, error);
  if (status == DMO_OK) status = read_choice(texts, MODULATION, &modulation, error);
  if (status == DMO_OK && text_of(texts, OBSERVE)) status = read_choice(texts, OBSERVE, &observe, error);
  else observe = loss == WF_OVERLAP ? WF_FIELD : WF_INTENSITY;
  if (status != DMO_OK) return status;
  if (loss == WF_OVERLAP && observe == WF_INTENSITY) {
    wf_say(error, "observe=intensity cannot give loss=overlap, which needs the phase of the output; "
                  "leave observe unset or set observe=field");
    return DMO_UNSUPPORTED;
  }
  setup->grid = (size_t)grid;
  setup->method = (wf_method)method;
  setup->loss = (wf_loss)loss;
  setup->observe = (wf_observe)observe;
  setup->has_amplitude = modulation == 1;
  setup->target_path = text_of(texts, TARGET);
  return DMO_OK;
}

bool wf_is_default(const wf_setup *setup) {
  wf_setup usual;
  if (wf_read_setup(NULL, &usual, NULL) != DMO_OK) return false;
  return setup->grid == usual.grid && setup->spacing == usual.spacing && setup->wavelength == usual.wavelength
      && setup->waist == usual.waist && setup->distance == usual.distance && setup->separation == usual.separation
      && setup->method == usual.method && setup->loss == usual.loss && setup->observe == usual.observe
      && setup->has_amplitude == usual.has_amplitude && !setup->target_path;
}
