/* propagator.c: the convolution with the kernel, by FFTW, with zero padding to L >= 2N - 1.
 *
 * Half of the padded rows are zero and half of the output is thrown away, so only N rows are transformed on the way in
 * and on the way out; the columns go through the transfer function a few at a time, while they are in the first-level
 * cache.  Plans are made once, with FFTW_ESTIMATE: which algorithm runs must not depend on a timing. */
#include "wavefront.h"
#include <string.h>

enum { BLOCK = 4 };  /* columns at a time; L is a multiple of it, which also keeps every block 64-byte aligned */

/* The smallest multiple of BLOCK without prime factors above 5 that holds a convolution free of wrap-around. */
static size_t padded_length(size_t grid) {
  for (size_t length = BLOCK;; length += BLOCK) {
    size_t rest = length;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    if (rest == 1 && length >= 2 * grid - 1) return length;
  }
}

/* The transform of the kernel, wrapped around an L x L window; 1 / L^2 makes up for FFTW's unscaled inverse. */
static bool make_transfer(wf_propagator *self, const wf_setup *setup) {
  size_t n = self->grid, length = self->padded;
  fftw_complex *kernel = fftw_alloc_complex(n * n);
  fftw_plan plan = fftw_plan_dft_2d((int)length, (int)length, self->transfer, self->transfer, FFTW_FORWARD,
                                    FFTW_ESTIMATE);
  bool made = kernel && plan && wf_kernel(setup, kernel);
  if (made) {
    double scale = 1.0 / ((double)length * (double)length);
    memset(self->transfer, 0, length * length * sizeof *self->transfer);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        for (int part = 0; part < 2; part++) {
          double value = scale * kernel[i * n + j][part];
          size_t up = (length - i) % length, left = (length - j) % length;
          self->transfer[i * length + j][part] = value;
          self->transfer[up * length + j][part] = value;
          self->transfer[i * length + left][part] = value;
          self->transfer[up * length + left][part] = value;
        }
    fftw_execute(plan);
  }
  if (plan) fftw_destroy_plan(plan);
  fftw_free(kernel);
  return made;
}

bool wf_propagator_init(wf_propagator *self, const wf_setup *setup) {
  size_t n = setup->grid, length = padded_length(n);
  int rows = (int)n, size = (int)length;
  self->grid = n;
  self->padded = length;
  self->transfer = fftw_alloc_complex(length * length);
  self->spectra = fftw_alloc_complex(length * length);
  self->block = fftw_alloc_complex(BLOCK * length);
  self->result = fftw_alloc_complex(length * length);
  fftw_complex *grid = fftw_alloc_complex(n * length);  /* planned on, executed on the caller's */
  if (self->transfer && self->spectra && self->block && self->result && grid) {
    self->rows_in = fftw_plan_many_dft(1, &size, rows, grid, NULL, 1, size, self->spectra, NULL, size, 1,
                                       FFTW_FORWARD, FFTW_ESTIMATE);
    self->columns_in = fftw_plan_many_dft(1, &size, BLOCK, self->spectra, NULL, 1, size, self->block, NULL, 1, size,
                                          FFTW_FORWARD, FFTW_ESTIMATE);
    self->columns_out = fftw_plan_many_dft(1, &size, BLOCK, self->block, NULL, 1, size, self->result, NULL, 1, size,
                                           FFTW_BACKWARD, FFTW_ESTIMATE);
    self->rows_out = fftw_plan_many_dft(1, &size, rows, self->result, NULL, size, 1, grid, NULL, 1, size,
                                        FFTW_BACKWARD, FFTW_ESTIMATE);
  }
  fftw_free(grid);
  if (!self->rows_in || !self->columns_in || !self->columns_out || !self->rows_out) return false;
  memset(self->spectra, 0, length * length * sizeof *self->spectra);
  return make_transfer(self, setup);
}

void wf_propagator_clear(wf_propagator *self) {
  fftw_plan plans[] = { self->rows_in, self->columns_in, self->columns_out, self->rows_out };
  for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
    if (plans[i]) fftw_destroy_plan(plans[i]);
  fftw_free(self->transfer);
  fftw_free(self->spectra);
  fftw_free(self->block);
  fftw_free(self->result);
}

WF_HOT static void multiply(double *restrict field, const double *restrict by, size_t count) {
  for (size_t i = 0; i < count; i++) {
    double re = field[2 * i], im = field[2 * i + 1], c = by[2 * i], d = by[2 * i + 1];
    field[2 * i] = re * c - im * d;
    field[2 * i + 1] = re * d + im * c;
  }
}

void wf_propagate(const wf_propagator *self, fftw_complex *in, fftw_complex *out) {
  size_t step = BLOCK * self->padded;
  /* Rows come out as columns of `spectra`, each contiguous.  The transfer function is symmetric: no turn needed. */
  fftw_execute_dft(self->rows_in, in, self->spectra);
  for (size_t at = 0; at < self->padded * self->padded; at += step) {
    fftw_execute_dft(self->columns_in, self->spectra + at, self->block);
    multiply((double *)self->block, (const double *)(self->transfer + at), step);
    fftw_execute_dft(self->columns_out, self->block, self->result + at);
  }
  fftw_execute_dft(self->rows_out, self->result, out);
}
