/* check_descent.c: that the default problem can be solved by its own gradient, and why its distance is 20 mm. */
#include "host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 600 };

/* The loss and the power left on the output plane (of 1) after STEPS of Adam, 0.05 rad each. */
static void descend(const char *distance, bool scattered, double *loss, double *power) {
  simulator self;
  check("descent: create", start(&self, (const char *const[]){ distance, NULL }) == DMO_OK);
  size_t n = self.x_count, m = self.y_count, at = place(&self, "loss"), light = place(&self, "intensity");
  double *x = numbers(n), *y = numbers(m), *ybar = numbers(m), *slope = numbers(n);
  double *mean = numbers(n), *square = numbers(n);
  uint64_t state = 2463534242u;
  for (size_t i = 0; i < n; i++) x[i] = scattered ? uniform(&state, -3.14159, 3.14159) : 0;
  ybar[at] = 1;
  for (int step = 1; step <= STEPS; step++) {
    if (vjp(&self, x, ybar, slope, y) != DMO_OK) exit(2);
    double first = 1 - pow(0.9, step), second = 1 - pow(0.999, step);
    for (size_t i = 0; i < n; i++) {
      mean[i] = 0.9 * mean[i] + 0.1 * slope[i];
      square[i] = 0.999 * square[i] + 0.001 * slope[i] * slope[i];
      x[i] -= 0.05 * (mean[i] / first) / (sqrt(square[i] / second) + 1e-12);
    }
  }
  if (evaluate(&self, x, y) != DMO_OK) exit(2);
  *loss = y[at];
  *power = 0;
  for (size_t i = 0; i < n; i++) *power += y[light + i] * 1e-10;
  free(x), free(y), free(ybar), free(slope), free(mean), free(square);
  finish(&self);
}

void check_descent(void) {
  const char *const distances[] = { "distance=0.02", "distance=0.05" };
  for (int far = 0; far < 2; far++)
    for (int scattered = 0; scattered < 2; scattered++) {
      double loss, power;
      descend(distances[far], scattered, &loss, &power);
      printf("     %s from a %s mask: loss %.4f, power on the plane %.4f\n", distances[far],
             scattered ? "scattered" : "flat", loss, power);
      if (far) continue;  /* reported, not promised */
      check_at_most("the default problem is solved by descent: loss", loss, 0.02);
      check_at_most("and most light still arrives, or at least a quarter: 1 - power", 1 - power, 0.75);
    }
}
