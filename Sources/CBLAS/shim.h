#ifndef DMO_CBLAS_SHIM_H
#define DMO_CBLAS_SHIM_H
/* OpenBLAS, not the generic libblas: openblas_set_num_threads is what holds a small network to one thread. */
#include <cblas.h>

/*
 * The two LAPACK routines that OpenBLAS itself makes fast, by their Fortran names: Debian keeps lapacke.h in a package
 * of its own. Column major; `length` is the hidden length of the string argument.
 */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t length);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t length);
#endif
