/* loss.c: the objective, from the observed numbers alone.  README.md has the equations. */
#include "wavefront.h"
#include <math.h>
#include <string.h>

enum { LANES = 8 };  /* partial sums, so that a sum can run in vector registers in one fixed order */

static double total(const double *lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

WF_HOT static double sum(const double *values, size_t count) {
  double lanes[LANES] = { 0 };
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (size_t k = 0; k < LANES; k++) lanes[k] += values[i + k];
  for (; i < count; i++) lanes[0] += values[i];
  return total(lanes);
}

WF_HOT static double dot(const double *a, const double *b, size_t count) {
  double lanes[LANES] = { 0 };
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (size_t k = 0; k < LANES; k++) lanes[k] += a[i + k] * b[i + k];
  for (; i < count; i++) lanes[0] += a[i] * b[i];
  return total(lanes);
}

/* sum of (scale a - b)^2 */
WF_HOT static double distance_squared(const double *a, double scale, const double *b, size_t count) {
  double lanes[LANES] = { 0 };
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (size_t k = 0; k < LANES; k++) {
      double difference = scale * a[i + k] - b[i + k];
      lanes[k] += difference * difference;
    }
  for (; i < count; i++) lanes[0] += (scale * a[i] - b[i]) * (scale * a[i] - b[i]);
  return total(lanes);
}

/* sums of (a_re + i a_im) times the interleaved field: re re, im im, re im, im re */
typedef struct products { double rr, ii, ri, ir; } products;

WF_HOT static products overlap_products(const double *re, const double *im, const double *field, size_t count) {
  double rr[LANES] = { 0 }, ii[LANES] = { 0 }, ri[LANES] = { 0 }, ir[LANES] = { 0 };
  for (size_t i = 0; i < count; i += LANES) {
    size_t width = count - i < LANES ? count - i : LANES;
    for (size_t k = 0; k < width; k++) {
      double target_re = field[2 * (i + k)], target_im = field[2 * (i + k) + 1];
      rr[k] += re[i + k] * target_re;
      ii[k] += im[i + k] * target_im;
      ri[k] += re[i + k] * target_im;
      ir[k] += im[i + k] * target_re;
    }
  }
  return (products){ total(rr), total(ii), total(ri), total(ir) };
}

/* A black plane has no shape to compare.  Its shares are taken as zero, which makes its loss 1, instead of NaN. */
static double reciprocal(double power) { return power == 0 ? 0 : 1 / power; }

static double intensity_loss(const wf_instance *self, const double *intensity) {
  double scale = reciprocal(sum(intensity, self->cells));
  return sqrt(distance_squared(intensity, scale, self->target.share, self->cells)) / self->target.share_norm;
}

/* With p = I / S, S = sum I, d = |p - t| / |t|: dd/dI_j = (g_j - sum g p) / S, g = (p - t) / (d |t|^2). */
static void intensity_gradient(const wf_instance *self, const double *intensity, double factor, double *bar) {
  const double *share = self->target.share;
  size_t count = self->cells;
  double scale = reciprocal(sum(intensity, count)), norm = self->target.share_norm;
  double loss = intensity_loss(self, intensity);
  if (loss == 0 || scale == 0) return;  /* no direction is steepest */
  double weight = 1 / (loss * norm * norm);
  double mean = weight * scale
              * (scale * dot(intensity, intensity, count) - dot(share, intensity, count));
  for (size_t i = 0; i < count; i++)
    bar[i] += factor * scale * (weight * (scale * intensity[i] - share[i]) - mean);
}

static double field_power(const wf_instance *self, const double *re, const double *im) {
  return self->cell_area * (dot(re, re, self->cells) + dot(im, im, self->cells));
}

static double field_loss(const wf_instance *self, const double *re, const double *im) {
  const double *target = (const double *)self->target.field;
  double scale = sqrt(reciprocal(field_power(self, re, im))), squares = 0;
  for (size_t i = 0; i < self->cells; i++) {
    double a = scale * re[i] - target[2 * i], b = scale * im[i] - target[2 * i + 1];
    squares += a * a + b * b;
  }
  return sqrt(squares * self->cell_area);
}

/* With v = f / sqrt(P), P = A sum |f|^2, d = sqrt(A) |v - t|: dd/df_j = (g_j - A v_j sum Re(conj(v) g)) / sqrt(P),
 * g = A (v - t) / d, each as (re, im). */
static void field_gradient(const wf_instance *self, const double *re, const double *im, double factor, double *re_bar,
                           double *im_bar) {
  const double *target = (const double *)self->target.field;
  double area = self->cell_area, scale = sqrt(reciprocal(field_power(self, re, im)));
  double loss = field_loss(self, re, im);
  if (loss == 0 || scale == 0) return;
  products with_target = overlap_products(re, im, target, self->cells);
  double weight = area / loss;
  /* A sum Re(conj(v) g) = A weight (sum |v|^2 - sum Re(conj(v) t)) with A sum |v|^2 = 1 */
  double radial = weight * (1 - area * scale * (with_target.rr + with_target.ii));
  for (size_t i = 0; i < self->cells; i++) {
    double v = scale * re[i], w = scale * im[i];
    re_bar[i] += factor * scale * (weight * (v - target[2 * i]) - radial * v);
    im_bar[i] += factor * scale * (weight * (w - target[2 * i + 1]) - radial * w);
  }
}

/* c = A sum conj(f) t */
static void overlap(const wf_instance *self, const double *re, const double *im, double *c_re, double *c_im) {
  products p = overlap_products(re, im, (const double *)self->target.field, self->cells);
  *c_re = self->cell_area * (p.rr + p.ii);
  *c_im = self->cell_area * (p.ri - p.ir);
}

WF_HOT static void overlap_gradient(const double *restrict field, double along, double across, size_t count,
                                    double *restrict re_bar, double *restrict im_bar) {
  for (size_t i = 0; i < count; i++) {
    re_bar[i] += along * field[2 * i] + across * field[2 * i + 1];
    im_bar[i] += along * field[2 * i + 1] - across * field[2 * i];
  }
}

double wf_loss_value(const wf_instance *self, const double *observed) {
  const double *re = observed, *im = observed + self->cells;
  if (self->setup.observe == WF_INTENSITY) return intensity_loss(self, observed);
  if (self->setup.loss == WF_L2) return field_loss(self, re, im);
  double c_re, c_im;
  overlap(self, re, im, &c_re, &c_im);
  return 1 - (c_re * c_re + c_im * c_im);
}

void wf_loss_gradient(const wf_instance *self, const double *observed, double factor, double *bar) {
  const double *re = observed, *im = observed + self->cells;
  double *im_bar = bar + self->cells;
  if (self->setup.observe == WF_INTENSITY) {
    intensity_gradient(self, observed, factor, bar);
  } else if (self->setup.loss == WF_L2) {
    field_gradient(self, re, im, factor, bar, im_bar);
  } else {
    /* d(1 - |c|^2)/d re = -2 A (c_re t_re + c_im t_im), /d im = -2 A (c_re t_im - c_im t_re) */
    double c_re, c_im, twice = -2 * factor * self->cell_area;
    overlap(self, re, im, &c_re, &c_im);
    overlap_gradient((const double *)self->target.field, twice * c_re, twice * c_im, self->cells, bar, im_bar);
  }
}
