#ifndef DMO_CBLAS_SHIM_H
#define DMO_CBLAS_SHIM_H
/* OpenBLAS, not the generic libblas: openblas_set_num_threads is what holds a small network to one thread. */
#include <cblas.h>
#endif
