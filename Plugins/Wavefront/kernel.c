/* kernel.c: the impulse response of free space on the grid, by either method.
 *
 * Both methods are a convolution of the masked field with a kernel that is even in x and y: dim samples the
 * Rayleigh-Sommerfeld response itself, asm is the inverse transform of the angular spectrum's transfer function on a
 * window of 5N (2N of padding on each side, TorchOptics' default).  Only lags below N reach the output plane, so the
 * propagator need not know which one it runs, and asm costs no more per call than dim. */
#include "wavefront.h"
#include <complex.h>
#include <math.h>

/* h = z / (2 pi r^2) (1/r - i k) exp(i k r), times the cell area. */
static void impulse_response(const wf_setup *setup, fftw_complex *kernel) {
  size_t n = setup->grid;
  double k = 2 * WF_PI / setup->wavelength, z = setup->distance;
  double area = setup->spacing * setup->spacing;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double x = (double)i * setup->spacing, y = (double)j * setup->spacing;
      double square = x * x + y * y + z * z, r = sqrt(square);
      double complex h = (1 / r - I * k) * cexp(I * (k * r)) * (z / square / (2 * WF_PI) * area);
      kernel[i * n + j][0] = creal(h);
      kernel[i * n + j][1] = cimag(h);
    }
}

/* exp(i kz z) at the frequencies of a window of `window` points, kz = sqrt(k^2 - kx^2 - ky^2); where that is imaginary
 * the wave decays. */
static void transfer_function(const wf_setup *setup, size_t window, fftw_complex *transfer) {
  double k = 2 * WF_PI / setup->wavelength, step = 2 * WF_PI / ((double)window * setup->spacing);
  for (size_t i = 0; i < window; i++)
    for (size_t j = 0; j < window; j++) {
      double kx = step * (double)(i <= window / 2 ? i : window - i);
      double ky = step * (double)(j <= window / 2 ? j : window - j);
      double square = k * k - kx * kx - ky * ky, root = sqrt(fabs(square)) * setup->distance;
      transfer[i * window + j][0] = square >= 0 ? cos(root) : exp(-root);
      transfer[i * window + j][1] = square >= 0 ? sin(root) : 0;
    }
}

static bool angular_spectrum(const wf_setup *setup, fftw_complex *kernel) {
  size_t n = setup->grid, window = 5 * n;
  fftw_complex *transfer = fftw_alloc_complex(window * window);
  if (!transfer) return false;
  fftw_plan plan = fftw_plan_dft_2d((int)window, (int)window, transfer, transfer, FFTW_BACKWARD, FFTW_ESTIMATE);
  if (plan) {
    transfer_function(setup, window, transfer);
    fftw_execute(plan);
    double scale = 1.0 / ((double)window * (double)window);
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        for (int part = 0; part < 2; part++) kernel[i * n + j][part] = scale * transfer[i * window + j][part];
    fftw_destroy_plan(plan);
  }
  fftw_free(transfer);
  return plan != NULL;
}

bool wf_kernel(const wf_setup *setup, fftw_complex *kernel) {
  if (setup->method == WF_ASM) return angular_spectrum(setup, kernel);
  impulse_response(setup, kernel);
  return true;
}
