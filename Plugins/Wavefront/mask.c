/* mask.c: what the mask makes of the beam. */
#include "wavefront.h"
#include <math.h>

/* Sine and cosine by their Taylor series on -pi/4 .. pi/4, where the first term left out is below 1e-17, after
 * taking away the nearest multiple of pi/2.  That is exact to the last bits because |phase| <= pi keeps the multiple
 * within -2 .. 2.  No branches, so the compiler runs several phases at once, which libm's sincos does not. */
WF_HOT void wf_carrier(const double *restrict beam, const double *restrict phase, fftw_complex *restrict carrier,
                       size_t count) {
  const double half_pi_high = 0x1.921fb54442d18p+0, half_pi_low = 0x1.1a62633145c07p-54;
  const double round_bias = 0x1.8p+52;  /* adding and taking it away rounds to a whole number */
  double *restrict pairs = (double *)carrier;
  for (size_t i = 0; i < count; i++) {
    double turns = (phase[i] * (1 / half_pi_high) + round_bias) - round_bias;
    double t = (phase[i] - turns * half_pi_high) - turns * half_pi_low, u = t * t;
    double sine = -1 / 1307674368000.0;
    sine = sine * u + 1 / 6227020800.0;
    sine = sine * u - 1 / 39916800.0;
    sine = sine * u + 1 / 362880.0;
    sine = sine * u - 1 / 5040.0;
    sine = sine * u + 1 / 120.0;
    sine = sine * u - 1 / 6.0;
    sine = t + t * (u * sine);
    double cosine = 1 / 20922789888000.0;
    cosine = cosine * u - 1 / 87178291200.0;
    cosine = cosine * u + 1 / 479001600.0;
    cosine = cosine * u - 1 / 3628800.0;
    cosine = cosine * u + 1 / 40320.0;
    cosine = cosine * u - 1 / 720.0;
    cosine = cosine * u + 1 / 24.0;
    cosine = (1 - 0.5 * u) + u * u * cosine;
    double size = fabs(turns);
    double re = size == 1 ? -turns * sine : (size == 2 ? -cosine : cosine);
    double im = size == 1 ? turns * cosine : (size == 2 ? -sine : sine);
    pairs[2 * i] = beam[i] * re;
    pairs[2 * i + 1] = beam[i] * im;
  }
}

WF_HOT static size_t count_outside(const double *values, size_t count, double low, double high) {
  size_t outside = 0;
  for (size_t i = 0; i < count; i++) outside += !(values[i] >= low && values[i] <= high);
  return outside;
}

/* x itself where every phase is within -pi .. pi, as the host promises, else a wrapped copy; NULL: not finite. */
static const double *wrap(const double *x, double *wrapped, size_t count) {
  if (count_outside(x, count, -WF_PI, WF_PI) == 0) return x;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(x[i])) return NULL;
    wrapped[i] = fabs(x[i]) <= WF_PI ? x[i] : remainder(x[i], 2 * WF_PI);
  }
  return wrapped;
}

WF_HOT static void dim(const double *restrict carrier, const double *restrict amplitude, double *restrict row,
                       size_t count) {
  for (size_t j = 0; j < count; j++) {
    row[2 * j] = amplitude[j] * carrier[2 * j];
    row[2 * j + 1] = amplitude[j] * carrier[2 * j + 1];
  }
}

dmo_status wf_apply_mask(wf_instance *self, const double *x, const dmo_text *message) {
  size_t n = self->setup.grid, cells = self->cells, length = self->propagator.padded;
  const double *phase = wrap(x, self->wrapped, cells);
  if (!phase) {
    wf_say(message, "a phase is not a finite number");
    return DMO_BAD_INPUT;
  }
  const double *amplitude = self->setup.has_amplitude ? x + cells : NULL;
  if (amplitude && count_outside(amplitude, cells, 0, 1) > 0) {
    wf_say(message, "an amplitude is outside 0 .. 1");
    return DMO_BAD_INPUT;
  }
  wf_carrier(self->beam, phase, self->carrier, cells);
  for (size_t i = 0; i < n; i++) {
    const double *from = (const double *)(self->carrier + i * n);
    double *row = (double *)(self->masked + i * length);
    if (amplitude) dim(from, amplitude + i * n, row, n);
    else for (size_t j = 0; j < 2 * n; j++) row[j] = from[j];
  }
  return DMO_OK;
}
