/* Sine and cosine of a vector: part of kernels_body.h.
 *
 * x = k pi + r with |r| <= pi/2 (k + 1/2 instead of k for the cosine), so that one odd polynomial serves both:
 * sin x = (-1)^k sin r and cos x = -(-1)^k sin r.  pi is held in three parts (Cody and Waite), the first two of 33
 * bits: their products with k are exact for |x| <= 1e6.  Larger angles go to the C library.  The polynomial in r^2 is
 * the minimax one for the relative error (Remez exchange in 60 digits, below 6e-18 after rounding its coefficients).
 * The roundings of r^2, r^3, the correction and the sum add up to at most 2.5 units in the last place, or 2.8e-16. */
#define SINE_LIMIT 1e6

/* sin(r + low) for |r| <= pi/2 and |low| below the last place of r; cos r in its term is 1 - 0.4 r^2 to within 0.07,
 * which is enough there.  Estrin's scheme, since a single short network waits for this chain; only the leading
 * coefficient is added by itself, because its rounding counts nearly four times at the ends. */
KERNEL vec sine_reduced(vec r, vec low) {
  vec z = r * r, z2 = z * z, z4 = z2 * z2;
  vec c12 = vec_fma(vec_set(-0x1.a01a01a0148bcp-13), z, vec_set(0x1.11111111110c1p-7));
  vec c34 = vec_fma(vec_set(-0x1.ae6454cb572b4p-26), z, vec_set(0x1.71de3a5287c6ep-19));
  vec c56 = vec_fma(vec_set(-0x1.ae431d987c262p-41), z, vec_set(0x1.6123cb28ffae7p-33));
  vec c14 = vec_fma(c34, z2, c12), c57 = vec_fma(vec_set(0x1.8829a30785849p-49), z2, c56);
  vec all = vec_fma(vec_fma(c57, z4, c14), z, vec_set(-0x1.5555555555555p-3));
  vec rest = low * vec_fma(vec_set(-0.4), z, vec_set(1));
  return r + vec_fma(r * z, all, rest);
}

/* 1.5 * 2^52: adding it leaves the nearest integer in the low bits, in the default rounding mode. */
#define TO_INTEGER 0x1.8p52

/* (-1)^k sin(x - k pi) for the integer k nearest to x / pi; with `half`, -(-1)^k sin(x - (k + 1/2) pi) likewise. */
KERNEL vec sine_shifted(vec x, int half) {
  vec turns = vec_fma(x, vec_set(0x1.45f306dc9c883p-2), half ? vec_set(-0.5) : vec_set(TO_INTEGER));
  if (half) turns += vec_set(TO_INTEGER);
  vec k = turns - vec_set(TO_INTEGER);
  if (half) k += vec_set(0.5);
  vec exact = vec_fma(k, vec_set(-0x1.921fb544p+1), x);
  vec r = vec_fma(k, vec_set(-0x1.0b4611a6p-33), exact);
  vec low = vec_fma(k, vec_set(-0x1.0b4611a6p-33), exact - r);
  low = vec_fma(k, vec_set(-0x1.3198a2e037073p-68), low);
  ivec sign = (ivec)turns << 63;
  if (half) sign ^= (ivec)vec_set(-0.0);
  return (vec)((ivec)sine_reduced(r, low) ^ sign);
}

/* The C library's answer in the lanes beyond the limit; the others keep theirs. */
__attribute__((noinline, cold)) static void large_angles(const double *x, double *y, int cosine) {
  for (int lane = 0; lane < WIDTH; lane++)
    if (fabs(x[lane]) > SINE_LIMIT) y[lane] = cosine ? cos(x[lane]) : sin(x[lane]);
}

KERNEL void sine_to(double *y, vec x) {
  vec_store(y, sine_shifted(x, 0));
  if (__builtin_expect(vec_any_above(x, SINE_LIMIT), 0)) {
    _Alignas(64) double angles[WIDTH];
    vec_store(angles, x);
    large_angles(angles, y, 0);
  }
}

KERNEL void cosine_to(double *y, vec x) {
  vec_store(y, sine_shifted(x, 1));
  if (__builtin_expect(vec_any_above(x, SINE_LIMIT), 0)) {
    _Alignas(64) double angles[WIDTH];
    vec_store(angles, x);
    large_angles(angles, y, 1);
  }
}

ENTRY void sines(const double *x, double *y, size_t count) {
  for (size_t i = 0; i < count; i += WIDTH) sine_to(y + i, vec_load(x + i));
}

ENTRY void cosines(const double *x, double *y, size_t count) {
  for (size_t i = 0; i < count; i += WIDTH) cosine_to(y + i, vec_load(x + i));
}
