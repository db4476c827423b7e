/* Two products with one matrix at once: part of kernels_body.h.
 *
 * out = init + M s for two vectors s: RK4 of an equation without velocities needs its stages in two such pairs, and the
 * matrix is then read once for both.  M is packed in panels of OSC_PANEL_VECTORS vectors of rows (the last one may be
 * lower); in a panel the columns follow each other.  Each entry is init + M[i][0] s[0] + M[i][1] s[1] + ... in this
 * order, whatever the layout. */

/* One panel of `height` vectors for one point: s has n numbers, the rows stand side by side. */
KERNEL void panel_point(const double *panel, size_t n, const int height, const double *init, const double *s0,
                        const double *s1, double *out0, double *out1) {
  vec sum0[OSC_PANEL_VECTORS], sum1[OSC_PANEL_VECTORS];
#pragma GCC unroll 4
  for (int r = 0; r < height; r++) sum0[r] = sum1[r] = vec_load(init + r * WIDTH);
  for (size_t j = 0; j < n; j++, panel += height * WIDTH) {
    vec a = vec_set(s0[j]), b = vec_set(s1[j]);
#pragma GCC unroll 4
    for (int r = 0; r < height; r++) {
      vec m = vec_load(panel + r * WIDTH);
      sum0[r] = vec_fma(m, a, sum0[r]);
      sum1[r] = vec_fma(m, b, sum1[r]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < height; r++) {
    vec_store(out0 + r * WIDTH, sum0[r]);
    vec_store(out1 + r * WIDTH, sum1[r]);
  }
}

/* WIDTH rows of a panel, `stride` numbers from column to column, for a group: s has n vectors, one lane a point. */
KERNEL void rows_group(const double *panel, size_t stride, size_t n, size_t rows, const double *init,
                       const double *s0, const double *s1, double *out0, double *out1) {
  vec sum0[WIDTH], sum1[WIDTH];
#pragma GCC unroll 8
  for (int r = 0; r < WIDTH; r++) sum0[r] = sum1[r] = vec_set(init[r]);
  for (size_t j = 0; j < n; j++, panel += stride) {
    vec a = vec_load(s0 + j * WIDTH), b = vec_load(s1 + j * WIDTH);
#pragma GCC unroll 8
    for (int r = 0; r < WIDTH; r++) {
      vec m = vec_set(panel[r]);
      sum0[r] = vec_fma(m, a, sum0[r]);
      sum1[r] = vec_fma(m, b, sum1[r]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < WIDTH; r++)
    if ((size_t)r < rows) {
      vec_store(out0 + r * WIDTH, sum0[r]);
      vec_store(out1 + r * WIDTH, sum1[r]);
    }
}

/* s holds both vectors, the second at `vectors` vectors behind the first; so does out. */
KERNEL void product(const osc_network *net, const double *matrix, const double *init, const double *s, double *out,
                    size_t vectors, const int lanes) {
  const size_t n = net->n, heights = net->padded / WIDTH, apart = vectors * WIDTH;
  for (size_t first = 0; first < heights; first += OSC_PANEL_VECTORS) {
    size_t height = heights - first < OSC_PANEL_VECTORS ? heights - first : OSC_PANEL_VECTORS;
    const double *panel = matrix + first * WIDTH * n;
    if (lanes) {
      for (size_t row = first * WIDTH; row < (first + height) * WIDTH; row += WIDTH)
        rows_group(panel + (row - first * WIDTH), height * WIDTH, n, n - row, init + row, s, s + apart,
                   out + row * WIDTH, out + apart + row * WIDTH);
      continue;
    }
    const double *begin = init + first * WIDTH;
    double *out0 = out + first * WIDTH, *out1 = out0 + apart;
    switch (height) {
      case 1: panel_point(panel, n, 1, begin, s, s + apart, out0, out1); break;
      case 2: panel_point(panel, n, 2, begin, s, s + apart, out0, out1); break;
      case 3: panel_point(panel, n, 3, begin, s, s + apart, out0, out1); break;
      default: panel_point(panel, n, 4, begin, s, s + apart, out0, out1); break;
    }
  }
}
