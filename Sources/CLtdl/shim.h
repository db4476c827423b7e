/* libltdl as it is: every call that dmo makes is callable from Swift. */
#include <ltdl.h>
