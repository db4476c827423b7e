#include "host.h"

int main(int count, char **arguments) {
  if (count < 2) return fprintf(stderr, "usage: hh-test LIBRARY [SHARED]\n"), 2;
  load_plugin(arguments[1]);
  use_shared(count > 2 ? arguments[2] : NULL);
  test_exponential();
  test_trace();
  test_cell();
  test_network();
  test_motoneuron();
  test_contract();
  return report();
}
