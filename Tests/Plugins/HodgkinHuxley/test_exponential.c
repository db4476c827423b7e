/* The vector exponential against the C library's, in the baseline instruction set. */
#define HH_WIDTH 2
#include "../../../Plugins/HodgkinHuxley/lanes.h"
#include <math.h>
#include "host.h"

void test_exponential(void) {
  double largest = 0, wide = 0;
  for (int i = -400000; i <= 400000; i++) {
    double x = i * 2.5e-6, far = i * 2.5e-3 * 0.98;
    lanes y = lanes_exp2((lanes){x, far});
    largest = fmax(largest, fabs(y[0] / exp2(x) - 1) / 0x1p-52);
    wide = fmax(wide, fabs(y[1] / exp2(far) - 1) / 0x1p-52);
  }
  check_at_most("2^x, |x| <= 1: largest error, units of 2^-52", largest, 2);
  check_at_most("2^x, |x| <= 980: largest error, units of 2^-52", wide, 2);
  lanes cut = lanes_exp2((lanes){-1e6, NAN});
  check("2^-1000000 is cut off at 2^-1000", cut[0] == 0x1p-1000);
  check("2^NaN is NaN", isnan(cut[1]));
}
