/* The kernels by themselves: the sine's accuracy, the order of the integrator, and what the equation conserves. */
#include "../../../Plugins/Oscillators/system.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int failures;
static void report(int good, const char *name, const char *what, double value, double limit) {
  printf("%s  %s: %s: %.3g (limit %.3g)\n", good ? "ok  " : "FAIL", name, what, value, limit);
  failures += !good;
}

static double random_unit(void) {
  static uint64_t state = 7;
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) * 0x1p-53;
}

/* The error in units in the last place of the correct result, for angles of all sizes and next to multiples of pi/2. */
static void check_sine(const osc_kernels *k) {
  enum { ROUNDS = 250000, SIZE = 8 };
  _Alignas(64) double x[SIZE], s[SIZE], c[SIZE];
  double worst = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < SIZE; i++) {
      double exponent = 28 * random_unit() - 6; /* 1e-6 ... 4e8, the last ones for the C library */
      x[i] = (random_unit() < 0.5 ? -1 : 1) * pow(2, exponent) * random_unit();
      if (i & 1) x[i] = nextafter(rint(x[i]) * 1.5707963267948966, round & 1 ? 1e300 : -1e300);
    }
    k->sines(x, s, SIZE);
    k->cosines(x, c, SIZE);
    for (int i = 0; i < SIZE; i++) {
      long double sine = sinl(x[i]), cosine = cosl(x[i]);
      double unit_s = fabs(nextafter((double)sine, 2) - (double)sine);
      double unit_c = fabs(nextafter((double)cosine, 2) - (double)cosine);
      double off = fmax((double)fabsl(s[i] - sine) / unit_s, (double)fabsl(c[i] - cosine) / unit_c);
      if (!(off <= worst)) worst = off;
    }
  }
  report(worst <= 2.5, k->name, "sine and cosine, units in the last place", worst, 2.5);
  _Alignas(64) double odd[SIZE] = {0, -0.0, INFINITY, NAN, -INFINITY, 1e300, 5e-324, -1e6};
  k->sines(odd, s, SIZE);
  k->cosines(odd, c, SIZE);
  int good = s[0] == 0 && isnan(s[2]) && isnan(s[3]) && isnan(s[4]) && s[5] == sin(1e300) && s[6] == 5e-324 &&
             c[0] == 1 && c[1] == 1 && isnan(c[2]) && isnan(c[3]) && isnan(c[4]) && c[5] == cos(1e300) && c[6] == 1;
  report(good, k->name, "zero, infinities, NaN, huge and tiny angles", !good, 0);
}

/* Two oscillators q'' = Q sin q with a symmetric Q conserve v^T Q^-1 v / 2 + sum cos q: its rate is
 * v^T Q^-1 Q sin q - sum v sin q = 0. */
static double invariant(const double q[2], const double v[2]) {
  const double a = -1.2, b = 0.3, d = -0.9, determinant = a * d - b * b;
  return (d * v[0] * v[0] - 2 * b * v[0] * v[1] + a * v[1] * v[1]) / (2 * determinant) + cos(q[0]) + cos(q[1]);
}

/* q(T), and the change of the invariant, with a number of steps. */
static double swing(const osc_kernels *k, size_t steps, double q_end[2]) {
  double matrix[4] = {-1.2, 0.3, 0.3, -0.9}, zeros[2] = {0};
  osc_system system = {.n = 2, .matrix = matrix, .drive = zeros, .velocity = zeros, .target = zeros};
  osc_network net = {0};
  if (osc_network_make(&net, k, &system, 20, steps)) exit(2);
  _Alignas(64) double q[8] = {2, -1.3}, v[8] = {0}, work[48];
  const double q0[2] = {2, -1.3};
  osc_state state = {.vectors = net.padded / net.width, .q = q, .v = v, .work = work};
  k->forward(&net, &state, steps, NULL);
  osc_network_free(&net);
  q_end[0] = q[0], q_end[1] = q[1];
  return fabs(invariant(q, v) - invariant(q0, zeros));
}

static void check_order(const osc_kernels *k) {
  double fine[2], end[2], before = 0;
  report(swing(k, 200000, fine) < 1e-12, k->name, "the invariant drifts over 200,000 steps by", swing(k, 200000, fine),
         1e-12);
  for (size_t steps = 2000; steps <= 8000; steps *= 2) {
    swing(k, steps, end);
    double error = fmax(fabs(end[0] - fine[0]), fabs(end[1] - fine[1]));
    double order = log2(before / error);
    double off = fabs(order - 4);
    if (before > 0) report(off < 0.15, k->name, "order of q(T) in the step, off 4 by", off, 0.15);
    before = error;
  }
}

int main(void) {
  const osc_kernels *sets[3] = {&osc_kernels_generic};
  int count = 1;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets[count++] = &osc_kernels_avx2;
  else printf("skip  avx2: not on this processor\n");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) sets[count++] = &osc_kernels_avx512;
  else printf("skip  avx512: not on this processor\n");
#endif
  for (int i = 0; i < count; i++) {
    check_sine(sets[i]);
    check_order(sets[i]);
  }
  printf("%d failed\n", failures);
  return failures != 0;
}
