/* The problems of this plugin. */
#ifndef HH_PROBLEMS_H
#define HH_PROBLEMS_H
#include <dmo/dmo.h>

extern const dmo_problem trace_problem, cell_problem, network_problem, motoneuron_problem;
#endif
