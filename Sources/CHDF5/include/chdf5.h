/* libhdf5, opened at run time: the functions that dmo calls, as a table. dmo needs no HDF5 to build or run, and works with
 * any version from 1.10 on, whose 64-bit ids and functions below have not changed since. The names, argument orders and
 * constants are those of the HDF5 reference manual. */
#ifndef CHDF5_H
#define CHDF5_H
#include <stddef.h>
#include <stdint.h>

typedef int64_t h5_id;
typedef unsigned long long h5_size;

enum { H5_TRUNCATE = 2, H5_READ_ONLY = 0 };              /* H5F_ACC_TRUNC, H5F_ACC_RDONLY     */
enum { H5_GROUP = 2, H5_DATATYPE = 3, H5_DATASET = 5 };  /* H5I_type_t                        */
enum { H5_COMPOUND = 6, H5_ENUM = 8 };                   /* H5T_class_t                       */
enum { H5_SELECT_SET = 0, H5_NULL_PADDED = 1, H5_BY_NAME = 0, H5_INCREASING = 0 };

#define H5_FUNCTIONS(F)                                                                                              \
  F(int, H5open, (void))                                                                                             \
  F(int, H5get_libversion, (unsigned *, unsigned *, unsigned *))                                                     \
  F(int, H5free_memory, (void *))                                                                                    \
  F(int, H5Eset_auto2, (h5_id, void *, void *))                                                                      \
  F(h5_id, H5Fcreate, (const char *, unsigned, h5_id, h5_id))                                                        \
  F(h5_id, H5Fopen, (const char *, unsigned, h5_id))                                                                 \
  F(int, H5Fclose, (h5_id))                                                                                          \
  F(h5_id, H5Gcreate2, (h5_id, const char *, h5_id, h5_id, h5_id))                                                   \
  F(h5_id, H5Oopen, (h5_id, const char *, h5_id))                                                                    \
  F(int, H5Oclose, (h5_id))                                                                                          \
  F(int, H5Iget_type, (h5_id))                                                                                       \
  F(int, H5Lexists, (h5_id, const char *, h5_id))                                                                    \
  F(ptrdiff_t, H5Lget_name_by_idx, (h5_id, const char *, int, int, h5_size, char *, size_t, h5_id))                  \
  F(h5_id, H5Pcreate, (h5_id))                                                                                       \
  F(int, H5Pset_chunk, (h5_id, int, const h5_size *))                                                                \
  F(int, H5Pclose, (h5_id))                                                                                          \
  F(h5_id, H5Screate_simple, (int, const h5_size *, const h5_size *))                                                \
  F(int, H5Sselect_hyperslab, (h5_id, int, const h5_size *, const h5_size *, const h5_size *, const h5_size *))      \
  F(int64_t, H5Sget_simple_extent_npoints, (h5_id))                                                                  \
  F(int, H5Sclose, (h5_id))                                                                                          \
  F(h5_id, H5Tcopy, (h5_id))                                                                                         \
  F(h5_id, H5Tcreate, (int, size_t))                                                                                 \
  F(int, H5Tinsert, (h5_id, const char *, size_t, h5_id))                                                            \
  F(h5_id, H5Tenum_create, (h5_id))                                                                                  \
  F(int, H5Tenum_insert, (h5_id, const char *, const void *))                                                        \
  F(h5_id, H5Tarray_create2, (h5_id, unsigned, const h5_size *))                                                     \
  F(int, H5Tset_size, (h5_id, size_t))                                                                               \
  F(int, H5Tset_strpad, (h5_id, int))                                                                                \
  F(int, H5Tcommit2, (h5_id, const char *, h5_id, h5_id, h5_id, h5_id))                                              \
  F(int, H5Tget_class, (h5_id))                                                                                      \
  F(size_t, H5Tget_size, (h5_id))                                                                                    \
  F(int, H5Tget_nmembers, (h5_id))                                                                                   \
  F(char *, H5Tget_member_name, (h5_id, unsigned))                                                                   \
  F(int, H5Tget_member_value, (h5_id, unsigned, void *))                                                             \
  F(h5_id, H5Tget_super, (h5_id))                                                                                    \
  F(int, H5Tclose, (h5_id))                                                                                          \
  F(h5_id, H5Dcreate2, (h5_id, const char *, h5_id, h5_id, h5_id, h5_id, h5_id))                                     \
  F(int, H5Dset_extent, (h5_id, const h5_size *))                                                                    \
  F(h5_id, H5Dget_space, (h5_id))                                                                                    \
  F(h5_id, H5Dget_type, (h5_id))                                                                                     \
  F(int, H5Dwrite, (h5_id, h5_id, h5_id, h5_id, h5_id, const void *))                                                \
  F(int, H5Dread, (h5_id, h5_id, h5_id, h5_id, h5_id, void *))

/* Predefined types and classes are variables of the library, set by H5open. */
#define H5_VARIABLES(V)                                                                                              \
  V(H5T_IEEE_F32LE_g) V(H5T_IEEE_F64LE_g) V(H5T_STD_I8LE_g) V(H5T_STD_U16LE_g) V(H5T_STD_I32LE_g)                    \
  V(H5T_STD_U32LE_g) V(H5T_NATIVE_DOUBLE_g) V(H5T_NATIVE_INT64_g) V(H5T_C_S1_g) V(H5P_CLS_DATASET_CREATE_ID_g)

typedef struct chdf5_api {
#define F(result, name, arguments) result (*name) arguments;
  H5_FUNCTIONS(F)
#undef F
#define V(name) h5_id name;
  H5_VARIABLES(V)
#undef V
} chdf5_api;

/* Opens the library and fills the table; the library stays open. Errors that HDF5 would print are silenced: its callers
 * report them. Returns NULL, or a text that says why not, which lives until the next call. [one thread at a time] */
const char *chdf5_open(const char *library, chdf5_api *api);

#endif
